package dev.postern.dma.backend;

import dev.postern.dma.CoherentBuffer;
import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaDirection;
import dev.postern.dma.DmaMisuseException;
import dev.postern.dma.DmaPlan;
import dev.postern.dma.bounce.BouncePool;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Most buffers can be mapped where they lie, some cannot: those take a detour through a small pool of the context's own. A driver splits
 * by length and knows nothing of alignment, so that refusing them would break it. Linux does the same in {@code
 * drivers/xen/swiotlb-xen.c} and {@code kernel/dma/direct.h}.
 *
 * <p>The detour changes nothing that a driver could see: the buffer is copied to the slot first and wholly back at the end, so that
 * bytes which the device did not write are as they were, whatever it says that it wrote.
 *
 * <p>A token is not negative for a buffer that is mapped where it lies; otherwise it is that of the bounced context, rearranged.
 * Nothing is allocated for either.
 */
abstract sealed class PartlyBouncedContext implements DmaContext permits NonSnoopedContext, PageTranslatedContext {

    /** A buffer cannot be mapped where it lies. */
    static final long DETOUR = -1;

    /** This bit of a slot's index is never set, as a pool of the context's own has fewer pages. The generation's first bit goes there. */
    private static final long SPARE_BIT = 1L << 31;

    private final DmaPlan plan;
    private final AddressLimits limits;
    private final MappableRam ram;
    private final CoherentBuffers coherent;
    private final BouncedContext detour;
    private final BouncePool pool;
    private final long largest;
    private final AtomicLong quarantined = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Opens it.
     *
     * @param plan what it carries out
     * @param ram what may be mapped at all
     * @param limits what the device can express
     * @param coherent its coherent buffers; closed with it
     * @param detour for the other buffers; closed with it
     * @param pool of the detour; closed with it
     */
    PartlyBouncedContext(
            DmaPlan plan,
            MappableRam ram,
            AddressLimits limits,
            CoherentBuffers coherent,
            BouncedContext detour,
            BouncePool pool) {
        this.plan = plan;
        this.ram = ram;
        this.limits = limits;
        this.coherent = coherent;
        this.detour = detour;
        this.pool = pool;
        // Whatever a driver splits by must hold for every buffer, also for those that take the detour.
        largest = Math.min(limits.longestSegment(), detour.largestMapping());
    }

    /**
     * Maps a buffer where it lies.
     *
     * @param pa of RAM that the bus carries
     * @return a token that is not negative, or {@link #DETOUR}
     */
    abstract long mapInPlace(long pa, long length, DmaDirection direction);

    /** The device address of such a buffer. */
    abstract long addressInPlace(long token);

    /** Hands a part of such a buffer to the CPU. */
    abstract void inPlaceForCpu(long token, long offset, long length);

    /** Hands a part of such a buffer to the device. */
    abstract void inPlaceForDevice(long token, long offset, long length);

    /** What the context can express. */
    final AddressLimits limits() {
        return limits;
    }

    @Override
    public final DmaPlan plan() {
        return plan;
    }

    @Override
    public final DmaConstraints constraints() {
        return limits.constraints();
    }

    @Override
    public final long map(long pa, long length, DmaDirection direction) {
        if (closed.get()) {
            throw misuse("map after the context was closed");
        }
        limits.checkLength(length, largest);
        ram.check(pa, length);
        long token = mapInPlace(pa, length, direction);
        return token == DETOUR ? marked(detour.map(pa, length, direction)) : token;
    }

    @Override
    public final long deviceAddress(long token) {
        return token < 0 ? detour.deviceAddress(unmarked(token)) : addressInPlace(token);
    }

    @Override
    public final void syncForCpu(long token, long offset, long length) {
        if (token < 0) {
            detour.syncForCpu(unmarked(token), offset, length);
        } else {
            inPlaceForCpu(token, offset, length);
        }
    }

    @Override
    public final void syncForDevice(long token, long offset, long length) {
        if (token < 0) {
            detour.syncForDevice(unmarked(token), offset, length);
        } else {
            inPlaceForDevice(token, offset, length);
        }
    }

    /** Where a buffer lay in place, all of it is handed to the CPU; a wrong call goes unnoticed there, as with a direct context. */
    @Override
    public final void unmap(long token, long length, DmaDirection direction, long written) {
        if (token < 0) {
            detour.unmap(unmarked(token), length, direction, written);
        } else {
            inPlaceForCpu(token, 0, length);
        }
    }

    @Override
    public final void quarantine(long token, long length) {
        if (token < 0) {
            detour.quarantine(unmarked(token), length);
        } else {
            quarantined.incrementAndGet();
        }
    }

    @Override
    public final long quarantinedMappings() {
        return quarantined.get() + detour.quarantinedMappings();
    }

    @Override
    public final CoherentBuffer allocateCoherent(long length, long alignment) {
        return coherent.allocate(length, alignment);
    }

    @Override
    public final long largestMapping() {
        return largest;
    }

    @Override
    public final long largestRequest() {
        return detour.largestRequest();
    }

    /**
     * Ends the context. A second call does nothing.
     *
     * @throws DmaMisuseException when coherent buffers, or mappings that took the detour, are left; nobody gets their memory again,
     *     because the device may still use it
     */
    @Override
    public final void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            detour.close();
        } finally {
            pool.close();
        }
    }

    /** Makes a token of the detour negative; its first bit moves to where no token of the detour has one. */
    private static long marked(long token) {
        return token | Long.MIN_VALUE | (token < 0 ? SPARE_BIT : 0);
    }

    private static long unmarked(long token) {
        return (token & SPARE_BIT) != 0 ? token & ~SPARE_BIT : token & Long.MAX_VALUE;
    }

    private DmaMisuseException misuse(String what) {
        return new DmaMisuseException("DMA: %s: %s".formatted(limits.device(), what));
    }

    @Override
    public final String toString() {
        return "%s (%s)".formatted(limits.device(), plan.describe());
    }
}
