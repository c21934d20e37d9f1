package dev.postern.emulated.platform;

import dev.postern.emulated.board.GuestMemory;
import dev.postern.emulated.dma.DmaIntent;
import dev.postern.emulated.dma.DmaPath;
import dev.postern.emulated.dma.DmaView;
import dev.postern.emulated.dma.PhysicalRam;
import dev.postern.emulated.dma.Requester;
import java.lang.foreign.MemorySegment;

/**
 * What devices see on a machine whose interconnect does not snoop them: memory itself, past the CPU's cache, at guest-physical
 * addresses. A device that did not accept ACCESS_PLATFORM is snooped, since it has the same access to memory as the driver (content.tex,
 * the description of bit 33, which names the flush of a cache among what the feature is for).
 *
 * <p>A message for an interrupt goes to memory like any store. The CPU sees it, and wakes, when its page is mapped uncached; in a cached
 * page it stays unseen until the line is invalidated, wakes nobody, and is noted.
 */
final class UnsnoopedRam implements DmaView {

    private static final int PAGE = 4096;

    private final DmaView snooped;
    private final CpuCache cache;
    private final PlatformErrors errors;

    UnsnoopedRam(GuestMemory memory, CpuCache cache, PlatformErrors errors) {
        this.snooped = new PhysicalRam(memory);
        this.cache = cache;
        this.errors = errors;
    }

    @Override
    public MemorySegment piece(Requester by, long dva, long length, DmaIntent intent) {
        if (by.path() == DmaPath.LIKE_CPU || snooped.pa(by, dva) == NOWHERE) {
            return snooped.piece(by, dva, length, intent);
        }
        if (intent == DmaIntent.MESSAGE && !cache.isUncached(dva / PAGE)) {
            errors.note(
                    "message-unseen",
                    "%s: a message to 0x%x, which the CPU maps cached, is not seen: map that page uncached"
                            .formatted(by, dva));
        }
        return cache.dram(dva / PAGE).asSlice(dva % PAGE, inPage(dva, length));
    }

    private static long inPage(long dva, long length) {
        return Math.min(length, PAGE - dva % PAGE);
    }

    @Override
    public long reach(Requester by, long dva, long length, DmaIntent intent) {
        if (by.path() == DmaPath.LIKE_CPU || snooped.pa(by, dva) == NOWHERE) {
            return snooped.reach(by, dva, length, intent);
        }
        return inPage(dva, length);
    }

    @Override
    public boolean arrives(Requester by, long dva) {
        return by.path() == DmaPath.LIKE_CPU || cache.isUncached(dva / PAGE);
    }

    @Override
    public long pa(Requester by, long dva) {
        return snooped.pa(by, dva);
    }
}
