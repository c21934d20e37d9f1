package dev.postern.emulated.platform;

import dev.postern.emulated.board.GuestMemory;
import dev.postern.emulated.dma.DmaIntent;
import dev.postern.emulated.dma.DmaPath;
import dev.postern.emulated.dma.DmaView;
import dev.postern.emulated.dma.Hold;
import dev.postern.emulated.dma.Requester;
import dev.postern.machine.RamRegion;
import java.lang.foreign.MemorySegment;

/**
 * What a device sees whose back-end is in another Xen domain. Once it accepted ACCESS_PLATFORM its addresses are grant references: bit 63
 * set, the reference from bit 12 on, below it the offset into the page; references that follow each other make a longer range (Linux
 * drivers/xen/grant-dma-ops.c). Before, and without the feature, its back-end maps the guest's memory as the device is told, without
 * grants.
 */
final class GrantedRam implements DmaView {

    private static final long GRANT = 1L << 63;
    private static final int PAGE = 4096;

    private final GuestMemory memory;
    private final DmaView withoutGrants;
    private final GrantFrames table;
    private final Grants grants;
    private final PlatformErrors errors;

    GrantedRam(GuestMemory memory, DmaView withoutGrants, GrantFrames table, Grants grants, PlatformErrors errors) {
        this.memory = memory;
        this.withoutGrants = withoutGrants;
        this.table = table;
        this.grants = grants;
        this.errors = errors;
    }

    private static long reference(long dva) {
        return (dva & ~GRANT) >>> 12;
    }

    /** A message for an interrupt is Xen's to deliver, wherever it is told to. */
    private boolean pastGrants(Requester by, long dva, DmaIntent intent) {
        return by.path() == DmaPath.LIKE_CPU || intent == DmaIntent.MESSAGE && (dva & GRANT) == 0;
    }

    @Override
    public MemorySegment piece(Requester by, long dva, long length, DmaIntent intent) {
        if (pastGrants(by, dva, intent)) {
            return withoutGrants.piece(by, dva, length, intent);
        }
        if ((dva & GRANT) == 0) {
            errors.note(
                    "not-a-grant",
                    "%s: DMA %s at 0x%x, which is no grant reference: bit 63 is clear".formatted(by, intent, dva));
            return null;
        }
        Grants.Answer answer = grants.look(reference(dva), intent);
        if (!answer.permitted()) {
            errors.note(answer.rule(), "%s: DMA %s at 0x%x: %s".formatted(by, intent, dva, answer.why()));
            return null;
        }
        grants.use(reference(dva));
        return table.page(answer.frame()).asSlice(dva & PAGE - 1, inPage(dva, length));
    }

    private static long inPage(long dva, long length) {
        return Math.min(length, PAGE - (dva & PAGE - 1));
    }

    @Override
    public long reach(Requester by, long dva, long length, DmaIntent intent) {
        if (pastGrants(by, dva, intent)) {
            return withoutGrants.reach(by, dva, length, intent);
        }
        return (dva & GRANT) != 0 && grants.look(reference(dva), intent).permitted() ? inPage(dva, length) : 0;
    }

    @Override
    public long pa(Requester by, long dva) {
        if (by.path() == DmaPath.LIKE_CPU) {
            return withoutGrants.pa(by, dva);
        }
        if ((dva & GRANT) == 0) {
            RamRegion region = memory.regionOf(dva, 1);
            return region == null ? withoutGrants.pa(by, dva) : dva;
        }
        Grants.Answer answer = grants.look(reference(dva), DmaIntent.READ);
        return answer.permitted() ? answer.frame() * PAGE + (dva & PAGE - 1) : NOWHERE;
    }

    @Override
    public Hold hold(Requester by, long dva, long length, DmaIntent intent) {
        if (by.path() == DmaPath.LIKE_CPU || (dva & GRANT) == 0) {
            return Hold.NONE;
        }
        long pages = ((dva & PAGE - 1) + length + PAGE - 1) / PAGE;
        return grants.hold(reference(dva), Math.toIntExact(pages), intent);
    }
}
