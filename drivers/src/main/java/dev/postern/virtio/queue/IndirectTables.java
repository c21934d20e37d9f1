package dev.postern.virtio.queue;

import dev.postern.dma.CoherentBuffer;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaMappingException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The tables of indirect descriptors of a queue, one for each chain that can be outstanding (split-ring:266). In one buffer where there
 * is one so large; otherwise in many of a page, since memory may be contiguous to a device inside a page only.
 *
 * <p>Tables are as long as the longest chain, and most chains are short. Were all tables begun at the same place, those of short chains would
 * meet in a few sets of either side's cache, so these begin a line further from table to table.
 */
final class IndirectTables implements AutoCloseable {

    private static final int PAGE = 4096;
    /** A shift that leaves 0 of every number. */
    private static final int ALL = 30;

    private static final int LINE = 64;
    private static final int SHORT = LINE / Descriptor.BYTES;

    private final List<CoherentBuffer> buffers;
    private final MemorySegment[] segments;
    /** How far to shift a table's number for that of its buffer, and what is left of it inside the buffer. */
    private final int shift;

    private final int mask;
    private final int tableBytes;
    /** Of a table's number: how many lines further a short table begins. */
    private final int lines;

    private IndirectTables(List<CoherentBuffer> buffers, int shift, int tableBytes) {
        this.buffers = buffers;
        this.shift = shift;
        this.tableBytes = tableBytes;
        mask = (1 << shift) - 1;
        lines = Math.max(1, Integer.highestOneBit(tableBytes / LINE)) - 1;
        segments = buffers.stream().map(CoherentBuffer::segment).toArray(MemorySegment[]::new);
    }

    /**
     * Takes tables.
     *
     * @param count how many
     * @param tableBytes of each
     * @throws DmaMappingException when there is no memory for them; nothing is kept then
     */
    static IndirectTables take(DmaContext context, int count, int tableBytes, int alignment) {
        try {
            return new IndirectTables(
                    List.of(context.allocateCoherent((long) count * tableBytes, alignment)), ALL, tableBytes);
        } catch (DmaMappingException e) {
            return paged(context, count, tableBytes, alignment);
        }
    }

    private static IndirectTables paged(DmaContext context, int count, int tableBytes, int alignment) {
        int perBuffer = Math.max(1, Integer.highestOneBit(PAGE / tableBytes));
        List<CoherentBuffer> taken = new ArrayList<>();
        try {
            for (int done = 0; done < count; done += perBuffer) {
                taken.add(context.allocateCoherent((long) perBuffer * tableBytes, alignment));
            }
        } catch (RuntimeException e) {
            taken.forEach(CoherentBuffer::close);
            throw e;
        }
        return new IndirectTables(taken, Integer.numberOfTrailingZeros(perBuffer), tableBytes);
    }

    /** The memory that holds a table. */
    MemorySegment segment(int table) {
        return segments[table >> shift];
    }

    /**
     * Where in that memory the table begins.
     *
     * @param elements how many it has
     */
    long offset(int table, int elements) {
        long at = (long) (table & mask) * tableBytes;
        return elements <= SHORT ? at + (table & lines) * LINE : at;
    }

    /** The table's address for the device; as {@link #offset}. */
    long dva(int table, int elements) {
        return buffers.get(table >> shift).deviceAddress() + offset(table, elements);
    }

    @Override
    public void close() {
        buffers.forEach(CoherentBuffer::close);
    }
}
