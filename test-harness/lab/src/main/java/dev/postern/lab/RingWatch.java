package dev.postern.lab;

import dev.postern.dma.CoherentBuffer;
import dev.postern.dma.DmaContext;
import dev.postern.dma.ForwardingContext;
import dev.postern.memory.PhysRange;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** A context that notes which coherent buffers are open, by the addresses that devices have; for the rest it is the one inside. */
final class RingWatch extends ForwardingContext {

    private final List<PhysRange> open;

    /**
     * Watches a context.
     *
     * @param open where to note them
     */
    RingWatch(DmaContext inner, List<PhysRange> open) {
        super(inner);
        this.open = open;
    }

    @Override
    public CoherentBuffer allocateCoherent(long length, long alignment) {
        CoherentBuffer buffer = super.allocateCoherent(length, alignment);
        PhysRange range = new PhysRange(buffer.deviceAddress(), length);
        open.add(range);
        return new CoherentBuffer() {
            @Override
            public MemorySegment segment() {
                return buffer.segment();
            }

            @Override
            public long deviceAddress() {
                return buffer.deviceAddress();
            }

            @Override
            public void close() {
                open.remove(range);
                buffer.close();
            }
        };
    }
}
