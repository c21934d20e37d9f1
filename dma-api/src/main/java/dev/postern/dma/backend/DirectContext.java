package dev.postern.dma.backend;

import dev.postern.dma.CoherentBuffer;
import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaDirection;
import dev.postern.dma.DmaMisuseException;
import dev.postern.dma.DmaPlan;
import dev.postern.memory.PhysicalMemory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The device uses guest-physical addresses plus a constant, and its caches are coherent with the CPU's.
 *
 * <p>A token is the device address itself: there is no state for a mapping, nothing to allocate, and nothing to undo.
 * What a mapping must satisfy is checked once, in {@link #map}. The price is that a wrong unmap goes unnoticed here; the
 * hostile context and the ledger notice it.
 */
final class DirectContext implements DmaContext {

    private final DmaPlan.Direct plan;
    private final AddressLimits limits;
    private final MappableRam ram;
    private final CoherentBuffers coherent;
    private final long offset;
    private final long largest;
    private final AtomicLong quarantined = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Opens it.
     *
     * @param plan with the offset
     * @param memory all of RAM
     * @param limits what the device can express
     * @param coherent its coherent buffers; closed with it
     */
    DirectContext(DmaPlan.Direct plan, PhysicalMemory memory, AddressLimits limits, CoherentBuffers coherent) {
        this.plan = plan;
        this.limits = limits;
        this.coherent = coherent;
        ram = new MappableRam(memory, limits.window(), limits.device());
        offset = plan.offset();
        largest = limits.longestSegment();
    }

    @Override
    public DmaPlan plan() {
        return plan;
    }

    @Override
    public DmaConstraints constraints() {
        return limits.constraints();
    }

    @Override
    public long map(long pa, long length, DmaDirection direction) {
        if (closed.get()) {
            throw new DmaMisuseException("DMA: %s: map after the context was closed".formatted(limits.device()));
        }
        limits.checkLength(length, largest);
        ram.check(pa, length);
        long dva = pa + offset;
        limits.checkAddress(dva, length);
        return dva;
    }

    @Override
    public long deviceAddress(long token) {
        return token;
    }

    /** Nothing to do: driver and device see the same bytes, and the caller has acquired the device's completion. */
    @Override
    public void syncForCpu(long token, long offset, long length) {}

    /** Nothing to do: the caller's release store, which tells the device to look again, comes after the buffer was written. */
    @Override
    public void syncForDevice(long token, long offset, long length) {}

    /** Nothing to do: there is no state, and bytes that the device did not write are as they were. */
    @Override
    public void unmap(long token, long length, DmaDirection direction, long written) {}

    /** Counts it. The buffer is not this context's: its owner must keep it out of use as well. */
    @Override
    public void quarantine(long token, long length) {
        quarantined.incrementAndGet();
    }

    @Override
    public long quarantinedMappings() {
        return quarantined.get();
    }

    @Override
    public CoherentBuffer allocateCoherent(long length, long alignment) {
        return coherent.allocate(length, alignment);
    }

    @Override
    public long largestRequest() {
        return Long.MAX_VALUE;
    }

    @Override
    public long largestMapping() {
        return largest;
    }

    /**
     * Ends the context. A second call does nothing.
     *
     * @throws DmaMisuseException when coherent buffers are left. Their frames are not given back, because the device may
     *     still use them; streaming mappings are not counted here
     */
    @Override
    public void close() {
        int buffers = closed.compareAndSet(false, true) ? coherent.close() : 0;
        if (buffers > 0) {
            throw new DmaMisuseException(
                    "DMA: %s: context closed with %d coherent buffers: close them first, once the device is reset"
                            .formatted(limits.device(), buffers));
        }
    }

    @Override
    public String toString() {
        return "%s (%s)".formatted(limits.device(), plan.describe());
    }
}
