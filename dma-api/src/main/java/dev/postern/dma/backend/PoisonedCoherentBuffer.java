package dev.postern.dma.backend;

import dev.postern.dma.CoherentBuffer;
import java.lang.foreign.MemorySegment;

/** A coherent buffer of the hostile context. */
final class PoisonedCoherentBuffer implements CoherentBuffer {

    private final PoisonedContext context;
    private final Grant grant;

    PoisonedCoherentBuffer(PoisonedContext context, Grant grant) {
        this.context = context;
        this.grant = grant;
    }

    Grant grant() {
        return grant;
    }

    @Override
    public MemorySegment segment() {
        return grant.memory();
    }

    @Override
    public long deviceAddress() {
        return grant.dva();
    }

    @Override
    public void close() {
        context.release(this);
    }
}
