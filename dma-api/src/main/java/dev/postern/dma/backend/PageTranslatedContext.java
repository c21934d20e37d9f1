package dev.postern.dma.backend;

import dev.postern.dma.DmaDirection;
import dev.postern.dma.DmaPlan;
import dev.postern.dma.bounce.BouncePool;
import dev.postern.xen.MachineFrames;

/**
 * A paravirtualised Xen guest whose device consumes machine addresses. They follow each other inside a page, and beyond it only by luck.
 *
 * <p>A mapping is at most a page long, because that is what can be had always. One that crosses into a page which lies elsewhere in the
 * machine, or where the device does not reach, takes a detour through a page of the pool (Linux {@code drivers/xen/swiotlb-xen.c} does
 * so). A driver that aligns its buffers to pages never pays for that. The other way would be to let drivers split at page borders; but
 * they split by {@link #largestMapping()}, not by alignment, and should not learn which backend they got.
 *
 * <p>Coherent buffers up to a page can always be had, longer ones only where frames that follow each other are found. The window of the
 * bus is one of guest-physical addresses and says nothing here, since none reaches the bus.
 */
final class PageTranslatedContext extends PartlyBouncedContext {

    private static final long OFFSET_MASK = MachineFrames.PAGE_BYTES - 1;

    private final MachineFrames numbers;

    /**
     * Opens it.
     *
     * @param numbers the machine's
     * @param ram what may be mapped
     * @param limits what the device can express
     * @param coherent its coherent buffers
     * @param detour for buffers that cross
     * @param pool of the detour
     */
    PageTranslatedContext(
            DmaPlan.PageTranslated plan,
            MachineFrames numbers,
            MappableRam ram,
            AddressLimits limits,
            CoherentBuffers coherent,
            BouncedContext detour,
            BouncePool pool) {
        super(plan, ram, limits, coherent, detour, pool);
        this.numbers = numbers;
    }

    /** The token is the machine address. */
    @Override
    long mapInPlace(long pa, long length, DmaDirection direction) {
        long machine = numbers.machineAddress(pa);
        // At most a page long, so it touches two at most.
        long intoSecond = (pa & OFFSET_MASK) + length - MachineFrames.PAGE_BYTES;
        boolean follows =
                intoSecond <= 0 || numbers.machineAddress(pa + length - intoSecond) == machine + length - intoSecond;
        boolean usable = machine >= 0 && limits().expressible(machine, length) && !limits().crosses(machine, length);
        return follows && usable ? machine : DETOUR;
    }

    @Override
    long addressInPlace(long token) {
        return token;
    }

    /** Nothing to do: the device has the very bytes. */
    @Override
    void inPlaceForCpu(long token, long offset, long length) {}

    /** Nothing to do: the device has the very bytes. */
    @Override
    void inPlaceForDevice(long token, long offset, long length) {}
}
