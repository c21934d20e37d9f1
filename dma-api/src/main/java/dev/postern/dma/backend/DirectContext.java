package dev.postern.dma.backend;

import dev.postern.dma.CoherentBuffer;
import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaDirection;
import dev.postern.dma.DmaMappingException;
import dev.postern.dma.DmaMisuseException;
import dev.postern.dma.DmaPlan;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.OutOfFramesException;
import dev.postern.memory.PhysRange;
import dev.postern.memory.PhysicalMemory;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The device uses guest-physical addresses plus a constant, and its caches are coherent with the CPU's.
 *
 * <p>A token is the device address itself: there is no state for a mapping, nothing to allocate, and nothing to undo.
 * What a mapping must satisfy is checked once, in {@link #map}. The price is that a wrong unmap goes unnoticed here; the
 * hostile context and the ledger notice it.
 */
public final class DirectContext implements DmaContext {

    private final DmaPlan.Direct plan;
    private final DmaConstraints constraints;
    private final String device;
    private final FrameAllocator frames;
    private final PhysicalMemory memory;
    private final RegionMap regions;
    private final AddressLimits limits;
    private final long offset;
    private final long largest;
    private final Set<DirectCoherentBuffer> coherent = new HashSet<>();
    private final AtomicLong quarantined = new AtomicLong();
    private volatile boolean closed;

    /**
     * Opens it.
     *
     * @param plan with the offset
     * @param frames where coherent buffers come from
     * @param constraints what the device can express
     * @param device what messages call it
     */
    public DirectContext(DmaPlan.Direct plan, FrameAllocator frames, DmaConstraints constraints, String device) {
        this.plan = plan;
        this.constraints = constraints;
        this.device = device;
        this.frames = frames;
        this.memory = frames.memory();
        this.regions = new RegionMap(memory);
        this.offset = plan.offset();
        this.limits = new AddressLimits(constraints, offset, device);
        this.largest = limits.longestSegment();
    }

    @Override
    public DmaPlan plan() {
        return plan;
    }

    @Override
    public DmaConstraints constraints() {
        return constraints;
    }

    @Override
    public long map(long pa, long length, DmaDirection direction) {
        if (closed) {
            throw afterClose("map");
        }
        limits.checkLength(length, largest);
        if (regions.find(pa, length) == RegionMap.NONE) {
            throw new DmaMappingException(
                    "DMA: %s: 0x%x, length 0x%x, is not inside one RAM region: map memory from the frame allocator only"
                            .formatted(device, pa, length));
        }
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
        CoherentRequest.check(length, alignment, device);
        if ((offset & (alignment - 1)) != 0) {
            throw new DmaMappingException(
                    "DMA: %s: device addresses are at offset 0x%x, so none is aligned to 0x%x: ask for less alignment"
                            .formatted(device, offset, alignment));
        }
        synchronized (coherent) {
            if (closed) {
                throw afterClose("allocate a coherent buffer");
            }
            PhysRange run = takeFrames(length, alignment);
            MemorySegment segment = memory.slice(run.basePa(), length);
            DirectCoherentBuffer buffer = new DirectCoherentBuffer(this, run, segment, run.basePa() + offset);
            coherent.add(buffer);
            return buffer;
        }
    }

    private PhysRange takeFrames(long length, long alignment) {
        FrameRequest request =
                limits.reachable(FrameRequest.ANY.withAlignment(Math.max(alignment, FrameAllocator.FRAME_BYTES)));
        PhysRange run;
        try {
            run = frames.allocate(length, request);
        } catch (OutOfFramesException e) {
            throw new DmaMappingException(
                    "DMA: %s: no coherent buffer of %d bytes: %s".formatted(device, length, e.getMessage()));
        }
        // A negative offset leaves the low addresses out as well, which a request for frames cannot say.
        if (!limits.expressible(run.basePa() + offset, length)) {
            frames.free(run);
            limits.checkAddress(run.basePa() + offset, length);
        }
        return run;
    }

    /** Gives a coherent buffer back. */
    void release(DirectCoherentBuffer buffer) {
        synchronized (coherent) {
            if (!coherent.remove(buffer)) {
                throw new DmaMisuseException("DMA: %s: coherent buffer at device address 0x%x was closed before"
                        .formatted(device, buffer.deviceAddress()));
            }
            frames.free(buffer.run());
        }
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
        synchronized (coherent) {
            if (closed) {
                return;
            }
            closed = true;
            if (!coherent.isEmpty()) {
                throw new DmaMisuseException(
                        "DMA: %s: context closed with %d coherent buffers: close them first, once the device is reset"
                                .formatted(device, coherent.size()));
            }
        }
    }

    private DmaMisuseException afterClose(String what) {
        return new DmaMisuseException("DMA: %s: %s after the context was closed".formatted(device, what));
    }

    @Override
    public String toString() {
        return "%s (%s)".formatted(device, plan.describe());
    }
}
