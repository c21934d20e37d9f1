package dev.postern.dma.backend;

import dev.postern.dma.CoherentBuffer;
import dev.postern.memory.PhysRange;
import java.lang.foreign.MemorySegment;

/** Whole frames that belong to one coherent buffer of a direct context. */
final class DirectCoherentBuffer implements CoherentBuffer {

    private final DirectContext context;
    private final PhysRange run;
    private final MemorySegment segment;
    private final long dva;

    DirectCoherentBuffer(DirectContext context, PhysRange run, MemorySegment segment, long dva) {
        this.context = context;
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
        context.release(this);
    }
}
