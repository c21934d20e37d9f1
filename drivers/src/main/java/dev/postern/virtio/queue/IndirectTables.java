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
 */
final class IndirectTables implements AutoCloseable {

    private static final int PAGE = 4096;

    private final List<CoherentBuffer> buffers;
    private final MemorySegment[] segments;
    private final int perBuffer;
    private final int tableBytes;

    private IndirectTables(List<CoherentBuffer> buffers, int perBuffer, int tableBytes) {
        this.buffers = buffers;
        this.perBuffer = perBuffer;
        this.tableBytes = tableBytes;
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
                    List.of(context.allocateCoherent((long) count * tableBytes, alignment)), count, tableBytes);
        } catch (DmaMappingException e) {
            return paged(context, count, tableBytes, alignment);
        }
    }

    private static IndirectTables paged(DmaContext context, int count, int tableBytes, int alignment) {
        int perBuffer = Math.max(1, PAGE / tableBytes);
        List<CoherentBuffer> taken = new ArrayList<>();
        try {
            for (int done = 0; done < count; done += perBuffer) {
                taken.add(context.allocateCoherent((long) perBuffer * tableBytes, alignment));
            }
        } catch (RuntimeException e) {
            taken.forEach(CoherentBuffer::close);
            throw e;
        }
        return new IndirectTables(taken, perBuffer, tableBytes);
    }

    /** The memory that holds a table. */
    MemorySegment segment(int table) {
        return segments[table / perBuffer];
    }

    /** Where in that memory the table begins. */
    long offset(int table) {
        return (long) (table % perBuffer) * tableBytes;
    }

    /** The table's address for the device. */
    long dva(int table) {
        return buffers.get(table / perBuffer).deviceAddress() + offset(table);
    }

    @Override
    public void close() {
        buffers.forEach(CoherentBuffer::close);
    }
}
