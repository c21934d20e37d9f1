package dev.postern.platform;

import dev.postern.machine.PrivilegedActs;
import dev.postern.machine.PrivilegedActs.Caching;
import dev.postern.machine.PrivilegedActs.Instruction;
import dev.postern.memory.PhysRange;

/**
 * The caches of a CPU that has them maintained by address, line by line (Arm: DC CVAC and DC IVAC; Linux, arch/arm64/mm/dma-mapping.c,
 * arch_sync_dma_for_device, arch_sync_dma_for_cpu and arch_dma_prep_coherent). It keeps no state, so it is safe for use by several
 * threads on different ranges.
 */
public final class DataCache implements CacheMaintenance {

    /** The line of every 64-bit Arm core that is about, and of x86. */
    private static final int LINE_BYTES = 64;

    private static final long PAGE = 4096;

    private final PrivilegedActs acts;

    /** The caches that these acts reach. */
    public DataCache(PrivilegedActs acts) {
        this.acts = acts;
    }

    @Override
    public int lineBytes() {
        return LINE_BYTES;
    }

    @Override
    public void clean(long pa, long length) {
        maintain(Instruction.CACHE_CLEAN, pa, length);
    }

    @Override
    public void invalidate(long pa, long length) {
        maintain(Instruction.CACHE_INVALIDATE, pa, length);
    }

    /**
     * What the cache holds is written back and discarded first: a line that stayed could be written back later, over what a device
     * stored.
     *
     * @param pages whole pages of 4096 bytes
     */
    @Override
    public void makeUncached(PhysRange pages) {
        requireWholePages(pages);
        clean(pages.basePa(), pages.length());
        invalidate(pages.basePa(), pages.length());
        acts.mapCaching(pages.basePa(), pages.length(), Caching.UNCACHED);
    }

    /**
     * Memory alone holds the content. Lines that the CPU fetched ahead meanwhile are discarded before it can read them; nothing is
     * written back, since the CPU stored nothing through the cache.
     *
     * @param pages whole pages of 4096 bytes
     */
    @Override
    public void makeCached(PhysRange pages) {
        requireWholePages(pages);
        invalidate(pages.basePa(), pages.length());
        acts.mapCaching(pages.basePa(), pages.length(), Caching.WRITE_BACK);
    }

    private void maintain(Instruction instruction, long pa, long length) {
        if (pa < 0 || length < 0 || pa > Long.MAX_VALUE - length) {
            throw new IllegalArgumentException(
                    "cannot maintain the cache for 0x%x, length 0x%x: give a range below 2^63".formatted(pa, length));
        }
        if (length > 0) {
            acts.execute(instruction, pa, length);
        }
    }

    private static void requireWholePages(PhysRange pages) {
        if (pages.basePa() % PAGE != 0 || pages.length() % PAGE != 0) {
            throw new IllegalArgumentException(
                    "cannot change how %s is cached: give whole pages of %d bytes".formatted(pages, PAGE));
        }
    }
}
