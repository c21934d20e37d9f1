package dev.postern.emulated.platform;

import dev.postern.emulated.SharedPages;
import dev.postern.emulated.SharedPages.Range;
import dev.postern.emulated.board.GuestMemory;
import dev.postern.emulated.dma.DeviceReadable;
import dev.postern.emulated.dma.DmaIntent;
import dev.postern.emulated.dma.DmaView;
import dev.postern.emulated.dma.Requester;
import dev.postern.machine.RamRegion;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * What devices see behind a memory protection unit that firmware has programmed: one pool of RAM, at its guest-physical addresses,
 * whichever features they accepted (Linux Documentation/devicetree/bindings/reserved-memory, restricted-dma-pool: the protection is for
 * the bus, not for a driver to negotiate). Everything else is refused and written down. A message for an interrupt passes: it goes to the
 * interrupt controller, not to memory.
 */
final class PoolOnly implements DmaView, DeviceReadable {

    private static final long PAGE = 4096;

    private final GuestMemory memory;
    private final Range pool;
    private final PlatformErrors errors;

    PoolOnly(GuestMemory memory, Range pool, PlatformErrors errors) {
        this.memory = memory;
        this.pool = pool;
        this.errors = errors;
    }

    private boolean inPool(long dva) {
        return Long.compareUnsigned(dva - pool.basePa(), pool.length()) < 0;
    }

    @Override
    public MemorySegment piece(Requester by, long dva, long length, DmaIntent intent) {
        long reach = reach(by, dva, length, intent);
        if (reach == 0) {
            if (memory.regionOf(dva, 1) != null) {
                errors.note(
                        "outside-pool",
                        "%s: DMA %s at 0x%x, outside the pool of 0x%x, %d bytes: bounce through the pool"
                                .formatted(by, intent, dva, pool.basePa(), pool.length()));
            }
            return null;
        }
        RamRegion region = memory.regionOf(dva, reach);
        return region.segment().asSlice(dva - region.basePa(), reach);
    }

    @Override
    public long reach(Requester by, long dva, long length, DmaIntent intent) {
        if (inPool(dva)) {
            return Math.min(length, pool.basePa() + pool.length() - dva);
        }
        return intent == DmaIntent.MESSAGE && memory.regionOf(dva, length) != null ? length : 0;
    }

    @Override
    public long pa(Requester by, long dva) {
        return memory.regionOf(dva, 1) == null ? NOWHERE : dva;
    }

    @Override
    public SharedPages sharedPages() {
        return new SharedPages(pool.length() / PAGE, PAGE, List.of(pool));
    }

    @Override
    public List<RamRegion> regions() {
        RamRegion region = memory.regionOf(pool.basePa(), pool.length());
        MemorySegment bytes = region.segment().asSlice(pool.basePa() - region.basePa(), pool.length());
        return List.of(new RamRegion(pool.basePa(), bytes));
    }
}
