package dev.postern.dma.backend;

import dev.postern.dma.CoherentBuffer;
import dev.postern.memory.PhysRange;
import java.lang.foreign.MemorySegment;

/** Whole shared pages that belong to one coherent buffer of a bounced context. */
final class BouncedCoherentBuffer implements CoherentBuffer {

    private final BouncedContext context;
    private final PhysRange run;
    private final MemorySegment segment;
    private final long dva;

    BouncedCoherentBuffer(BouncedContext context, PhysRange run, MemorySegment segment, long dva) {
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
