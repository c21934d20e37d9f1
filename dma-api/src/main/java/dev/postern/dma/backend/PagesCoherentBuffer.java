package dev.postern.dma.backend;

import dev.postern.dma.CoherentBuffer;
import dev.postern.memory.PhysRange;
import java.lang.foreign.MemorySegment;

/** Whole pages that belong to one coherent buffer. */
final class PagesCoherentBuffer implements CoherentBuffer {

    private final CoherentBuffers owner;
    private final PhysRange run;
    private final MemorySegment segment;
    private final long dva;

    PagesCoherentBuffer(CoherentBuffers owner, PhysRange run, MemorySegment segment, long dva) {
        this.owner = owner;
        this.run = run;
        this.segment = segment;
        this.dva = dva;
    }

    PhysRange run() {
        return run;
    }

    @Override
    public MemorySegment segment() {
        return segment;
    }

    @Override
    public long deviceAddress() {
        return dva;
    }

    @Override
    public void close() {
        owner.release(this);
    }
}
