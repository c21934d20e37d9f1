package dev.postern.dma.backend;

import dev.postern.dma.DmaDirection;
import dev.postern.dma.DmaPlan;
import dev.postern.dma.bounce.BouncePool;
import dev.postern.platform.CacheMaintenance;

/**
 * The device uses guest-physical addresses plus a constant, and the interconnect does not snoop it: the caches are cleaned when a buffer
 * is handed to it, whoever writes, and invalidated when a buffer that it may have written is handed back.
 *
 * <p>Invalidating discards whole lines. A buffer that the device may write and that does not fill its cache lines shares them with bytes of
 * somebody else, whose stores would be lost; so it takes a detour through the pool (Linux {@code dma_kmalloc_needs_bounce}). Refusing it
 * would be of no use: a driver's status byte is one byte long. A buffer that the device only reads is never invalidated and may lie
 * anywhere. Inside a mapping a sync acts on whole lines too: two parts that the CPU and the device have at the same time must not share one.
 *
 * <p>A token is the guest-physical address, with bit 62 set when the device may write.
 */
final class NonSnoopedContext extends PartlyBouncedContext {

    private static final long DEVICE_WRITES = 1L << 62;

    private final CacheMaintenance caches;
    private final long lineMask;
    private final long busOffset;

    /**
     * Opens it.
     *
     * @param caches the CPU's
     * @param ram what may be mapped
     * @param limits what the device can express
     * @param coherent its coherent buffers
     * @param detour for buffers that do not fill their lines
     * @param pool of the detour
     */
    NonSnoopedContext(
            DmaPlan.Direct plan,
            CacheMaintenance caches,
            MappableRam ram,
            AddressLimits limits,
            CoherentBuffers coherent,
            BouncedContext detour,
            BouncePool pool) {
        super(plan, ram, limits, coherent, detour, pool);
        this.caches = caches;
        lineMask = caches.lineBytes() - 1;
        busOffset = plan.offset();
    }

    @Override
    long mapInPlace(long pa, long length, DmaDirection direction) {
        boolean writes = direction.deviceWrites();
        if (writes && ((pa | length) & lineMask) != 0 || pa >= DEVICE_WRITES) {
            return DETOUR;
        }
        limits().checkAddress(pa + busOffset, length);
        // Also where the device only writes: a dirty line that leaves the cache later would overwrite what it wrote.
        caches.clean(pa, length);
        return writes ? pa | DEVICE_WRITES : pa;
    }

    @Override
    long addressInPlace(long token) {
        return paOf(token) + busOffset;
    }

    @Override
    void inPlaceForCpu(long token, long offset, long length) {
        if ((token & DEVICE_WRITES) != 0) {
            caches.invalidate(paOf(token) + offset, length);
        }
    }

    @Override
    void inPlaceForDevice(long token, long offset, long length) {
        caches.clean(paOf(token) + offset, length);
    }

    private static long paOf(long token) {
        return token & ~DEVICE_WRITES;
    }
}
