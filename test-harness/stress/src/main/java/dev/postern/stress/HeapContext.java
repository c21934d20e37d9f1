package dev.postern.stress;

import dev.postern.dma.CoherentBuffer;
import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaDirection;
import dev.postern.dma.DmaPlan;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Coherent memory on the heap, since a test makes millions of queues and gives none back. Nothing is mapped: addresses of buffers are only
 * passed through a ring.
 */
final class HeapContext implements DmaContext {

    private static final int SPACING = 1 << 16;

    private final List<MemorySegment> segments = new ArrayList<>(4);

    /** The memory that was asked for, in that order. */
    MemorySegment segment(int which) {
        return segments.get(which);
    }

    /** The memory at a device address. */
    MemorySegment at(long dva) {
        return segments.get((int) (dva / SPACING) - 1);
    }

    @Override
    public CoherentBuffer allocateCoherent(long length, long alignment) {
        // Longs, so that every field of a ring is aligned and may be accessed atomically.
        MemorySegment segment = MemorySegment.ofArray(new long[(int) (length + 7) / 8]);
        segments.add(segment);
        long address = (long) segments.size() * SPACING;
        return new CoherentBuffer() {
            @Override
            public MemorySegment segment() {
                return segment;
            }

            @Override
            public long deviceAddress() {
                return address;
            }

            @Override
            public void close() {
                // The heap takes it back.
            }
        };
    }

    @Override
    public DmaPlan plan() {
        throw nothingIsMapped();
    }

    @Override
    public DmaConstraints constraints() {
        return DmaConstraints.NONE;
    }

    @Override
    public long map(long pa, long length, DmaDirection direction) {
        throw nothingIsMapped();
    }

    @Override
    public long deviceAddress(long token) {
        throw nothingIsMapped();
    }

    @Override
    public void syncForCpu(long token, long offset, long length) {
        throw nothingIsMapped();
    }

    @Override
    public void syncForDevice(long token, long offset, long length) {
        throw nothingIsMapped();
    }

    @Override
    public void unmap(long token, long length, DmaDirection direction, long written) {
        throw nothingIsMapped();
    }

    @Override
    public void quarantine(long token, long length) {
        throw nothingIsMapped();
    }

    @Override
    public long quarantinedMappings() {
        return 0;
    }

    @Override
    public long largestMapping() {
        return SPACING;
    }

    @Override
    public long largestRequest() {
        return SPACING;
    }

    @Override
    public void close() {
        // Nothing is kept.
    }

    private static UnsupportedOperationException nothingIsMapped() {
        return new UnsupportedOperationException("a stress test maps nothing");
    }
}
