package dev.postern.boot;

import dev.postern.dma.CoherentBuffer;
import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaDirection;
import dev.postern.dma.DmaPlan;

/** For {@link ForcedPlan#DIRECT_DATA}: coherent buffers where the device reaches them, mappings wherever the buffers are. */
final class PrivateDataContext implements DmaContext {

    private final DmaContext mappings;
    private final DmaContext coherent;

    PrivateDataContext(DmaContext mappings, DmaContext coherent) {
        this.mappings = mappings;
        this.coherent = coherent;
    }

    @Override
    public DmaPlan plan() {
        return mappings.plan();
    }

    @Override
    public DmaConstraints constraints() {
        return mappings.constraints();
    }

    @Override
    public long map(long pa, long length, DmaDirection direction) {
        return mappings.map(pa, length, direction);
    }

    @Override
    public long deviceAddress(long token) {
        return mappings.deviceAddress(token);
    }

    @Override
    public void syncForCpu(long token, long offset, long length) {
        mappings.syncForCpu(token, offset, length);
    }

    @Override
    public void syncForDevice(long token, long offset, long length) {
        mappings.syncForDevice(token, offset, length);
    }

    @Override
    public void unmap(long token, long length, DmaDirection direction, long written) {
        mappings.unmap(token, length, direction, written);
    }

    @Override
    public void quarantine(long token, long length) {
        mappings.quarantine(token, length);
    }

    @Override
    public long quarantinedMappings() {
        return mappings.quarantinedMappings();
    }

    @Override
    public CoherentBuffer allocateCoherent(long length, long alignment) {
        return coherent.allocateCoherent(length, alignment);
    }

    @Override
    public long largestRequest() {
        return mappings.largestRequest();
    }

    @Override
    public long largestMapping() {
        return mappings.largestMapping();
    }

    @Override
    public void close() {
        mappings.close();
        coherent.close();
    }
}
