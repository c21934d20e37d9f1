package dev.postern.dma.backend;

import dev.postern.dma.CoherentBuffer;
import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaDirection;
import dev.postern.dma.DmaMappingException;
import dev.postern.dma.DmaMisuseException;
import dev.postern.dma.DmaPlan;
import dev.postern.memory.PhysicalMemory;
import dev.postern.xen.GrantTable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The device's back-end lives in another Xen domain and reaches what it is granted: the pages of each mapping from {@code map} to
 * {@code unmap}, to read alone where the mapping is TO_DEVICE. Coherent buffers are granted as long as they live.
 *
 * <p>A token is the device address itself, from which unmap knows references and pages: nothing is allocated for a mapping.
 *
 * <p><b>A grant is of whole pages.</b> A buffer that does not fill its pages shows the back-end what else lies in them, and lets it write
 * there when it may write at all (XSA-403). Where that matters, the plan is this one bounced: then pages of a pool are granted, in which
 * lie buffers of this device alone.
 *
 * <p>A back-end that still has a page mapped when its grant ends keeps it (XSA-396). Then {@code unmap} throws, so that no driver uses the
 * buffer again; the mapping counts as quarantined, and nothing more is granted.
 */
final class GrantedContext implements DmaContext {

    private final DmaPlan.Granted plan;
    private final AddressLimits limits;
    private final RegionMap regions;
    private final GrantedPages granted;
    private final CoherentBuffers coherent;
    private final long largest;
    private final AtomicLong live = new AtomicLong();
    private final AtomicLong quarantined = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Opens it.
     *
     * @param plan what it carries out
     * @param memory all of RAM
     * @param limits what the device can express: 64 address bits
     * @param granted by which pages are granted
     * @param coherent its coherent buffers; closed with it
     */
    GrantedContext(
            DmaPlan.Granted plan,
            PhysicalMemory memory,
            AddressLimits limits,
            GrantedPages granted,
            CoherentBuffers coherent) {
        this.plan = plan;
        this.limits = limits;
        this.granted = granted;
        this.coherent = coherent;
        regions = new RegionMap(memory);
        largest = Math.min(granted.alwaysFollowing(), limits.longestSegment());
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
            throw misuse("map after the context was closed");
        }
        limits.checkLength(length, largest);
        if (regions.find(pa, length) == RegionMap.NONE) {
            throw MappableRam.notRam(limits.device(), pa, length);
        }
        long dva = granted.grant(
                pa, length, direction.deviceWrites() ? GrantTable.Access.READ_WRITE : GrantTable.Access.READ_ONLY);
        if (limits.crosses(dva, length)) {
            granted.end(dva, length);
            throw new DmaMappingException(
                    "DMA: %s: the references for %d bytes do not lie within a boundary of 0x%x bytes: split the transfer where its pages end"
                            .formatted(
                                    limits.device(),
                                    length,
                                    limits.constraints().segmentBoundary()));
        }
        live.incrementAndGet();
        return dva;
    }

    @Override
    public long deviceAddress(long token) {
        return token;
    }

    /** Nothing to do: the back-end has the very pages, on the same machine. */
    @Override
    public void syncForCpu(long token, long offset, long length) {}

    /** Nothing to do: the caller's release store, which tells the device to look again, comes after the buffer was written. */
    @Override
    public void syncForDevice(long token, long offset, long length) {}

    @Override
    public void unmap(long token, long length, DmaDirection direction, long written) {
        boolean free = end(token, length);
        live.decrementAndGet();
        if (!free) {
            throw misuse(
                    "the back-end still uses device address 0x%x, %d bytes, %s, whose grant was ended: the pages are lost on purpose, never use them again; repair the back-end"
                            .formatted(token, length, direction));
        }
    }

    /** Counts it. The grant stays, and its references are never used again; the buffer's owner must keep it out of use as well. */
    @Override
    public void quarantine(long token, long length) {
        live.decrementAndGet();
        quarantined.incrementAndGet();
    }

    @Override
    public long quarantinedMappings() {
        return quarantined.get() + granted.kept().size();
    }

    @Override
    public CoherentBuffer allocateCoherent(long length, long alignment) {
        return coherent.allocate(length, alignment);
    }

    @Override
    public long largestRequest() {
        return granted.mostTogether();
    }

    @Override
    public long largestMapping() {
        return largest;
    }

    /**
     * Ends the context. A second call does nothing.
     *
     * @throws DmaMisuseException when mappings or coherent buffers are left, whose grants stay for ever; or the back-end kept pages whose
     *     grants had ended
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        int buffers = coherent.close();
        if (live.get() != 0 || buffers > 0) {
            throw misuse(
                    "context closed with %d mappings and %d coherent buffers: end them first, once the device is reset"
                            .formatted(live.get(), buffers));
        }
        KeptPages.check(granted, limits.device());
    }

    /** Ends the grants of a mapping; what has no first bit is none, and the table knows some of the rest. */
    private boolean end(long token, long length) {
        try {
            if ((token & GrantedPages.GRANTED) != 0) {
                return granted.end(token, length);
            }
        } catch (IllegalArgumentException e) {
            // Told below, as misuse of the API and not of the table.
        }
        throw misuse("unmap with token 0x%x, length %d, which is not mapped: unmapped before, or never mapped here"
                .formatted(token, length));
    }

    private DmaMisuseException misuse(String what) {
        return new DmaMisuseException("DMA: %s: %s".formatted(limits.device(), what));
    }

    @Override
    public String toString() {
        return "%s (%s)".formatted(limits.device(), plan.describe());
    }
}
