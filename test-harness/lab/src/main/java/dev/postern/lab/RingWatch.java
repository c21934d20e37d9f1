package dev.postern.lab;

import dev.postern.dma.CoherentBuffer;
import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaDirection;
import dev.postern.dma.DmaPlan;
import dev.postern.memory.PhysRange;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** A context that notes which coherent buffers are open, by the addresses that devices have; for the rest it is the one inside. */
final class RingWatch implements DmaContext {

    private final DmaContext inner;
    private final List<PhysRange> open;

    /**
     * Watches a context.
     *
     * @param open where to note them
     */
    RingWatch(DmaContext inner, List<PhysRange> open) {
        this.inner = inner;
        this.open = open;
    }

    @Override
    public CoherentBuffer allocateCoherent(long length, long alignment) {
        CoherentBuffer buffer = inner.allocateCoherent(length, alignment);
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

    @Override
    public DmaPlan plan() {
        return inner.plan();
    }

    @Override
    public DmaConstraints constraints() {
        return inner.constraints();
    }

    @Override
    public long map(long pa, long length, DmaDirection direction) {
        return inner.map(pa, length, direction);
    }

    @Override
    public long deviceAddress(long token) {
        return inner.deviceAddress(token);
    }

    @Override
    public void syncForCpu(long token, long offset, long length) {
        inner.syncForCpu(token, offset, length);
    }

    @Override
    public void syncForDevice(long token, long offset, long length) {
        inner.syncForDevice(token, offset, length);
    }

    @Override
    public void unmap(long token, long length, DmaDirection direction, long written) {
        inner.unmap(token, length, direction, written);
    }

    @Override
    public void quarantine(long token, long length) {
        inner.quarantine(token, length);
    }

    @Override
    public long quarantinedMappings() {
        return inner.quarantinedMappings();
    }

    @Override
    public long largestRequest() {
        return inner.largestRequest();
    }

    @Override
    public long largestMapping() {
        return inner.largestMapping();
    }

    @Override
    public void close() {
        inner.close();
    }

    @Override
    public String toString() {
        return inner.toString();
    }
}
