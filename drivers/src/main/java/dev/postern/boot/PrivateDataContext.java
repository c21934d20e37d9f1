package dev.postern.boot;

import dev.postern.dma.CoherentBuffer;
import dev.postern.dma.DmaContext;
import dev.postern.dma.ForwardingContext;

/** For {@link ForcedPlan#DIRECT_DATA}: coherent buffers where the device reaches them, mappings wherever the buffers are. */
final class PrivateDataContext extends ForwardingContext {

    private final DmaContext coherent;

    PrivateDataContext(DmaContext mappings, DmaContext coherent) {
        super(mappings);
        this.coherent = coherent;
    }

    @Override
    public CoherentBuffer allocateCoherent(long length, long alignment) {
        return coherent.allocateCoherent(length, alignment);
    }

    @Override
    public void close() {
        super.close();
        coherent.close();
    }
}
