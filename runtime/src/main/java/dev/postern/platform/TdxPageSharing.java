package dev.postern.platform;

import dev.postern.machine.PrivilegedActs;
import dev.postern.machine.PrivilegedActs.Instruction;
import dev.postern.memory.PhysRange;
import java.util.List;

/**
 * Intel TDX: private and shared memory are told apart by the highest bit of the guest-physical address.
 *
 * <p>To share: set the shared bit in the page table, then MapGPA of the shared address. To take back: MapGPA of the private address,
 * accept each page, then clear the bit (Linux, arch/x86/coco/tdx/tdx.c, tdx_enc_status_changed, tdx_map_gpa; Guest-Host Communication
 * Interface, TDG.VP.VMCALL&lt;MapGPA&gt;).
 */
final class TdxPageSharing implements PageSharing {

    private static final long PAGE = 4096;

    private static final long LEAF_VMCALL = 0;
    private static final long LEAF_PAGE_ACCEPT = 6;
    private static final long MAP_GPA = 0x10001;
    /** R10 to R15 are passed to the host. */
    private static final long REGISTERS_PASSED = 0xfc00;

    private static final int RAX = 0;
    private static final int R10 = 5;
    private static final int R11 = 6;
    private static final long STATUS_OK = 0;
    private static final long STATUS_RETRY = 1;
    /** The host may answer "go on from here" often, but must come closer to the end; without that, this often at one address. */
    private static final int RETRIES_IN_PLACE = 3;

    private final PrivilegedActs acts;
    private final long sharedBit;
    private final List<PhysRange> shareable;

    TdxPageSharing(PrivilegedActs acts, int addressWidth, List<PhysRange> shareable) {
        this.acts = acts;
        sharedBit = 1L << addressWidth - 1;
        this.shareable = List.copyOf(shareable);
    }

    @Override
    public String mechanism() {
        return "shared bit %d, MapGPA and page acceptance".formatted(Long.numberOfTrailingZeros(sharedBit));
    }

    @Override
    public long granuleBytes() {
        return PAGE;
    }

    @Override
    public List<PhysRange> shareable() {
        return shareable;
    }

    /** The host sees guest-physical addresses without the shared bit. */
    @Override
    public long sharedAlias(long pa) {
        return pa;
    }

    @Override
    public void share(PhysRange pages) throws SharingFailedException {
        mapShared(pages);
        try {
            mapGpa(pages, sharedBit, "shared");
        } catch (SharingFailedException e) {
            long behind = e.failedPa() + PAGE;
            if (behind < pages.endPa()) {
                // The host never heard of these: their page-table entries go back, and they are as before.
                mapPrivate(PhysRange.between(behind, pages.endPa()));
            }
            throw e;
        }
    }

    @Override
    public void unshare(PhysRange pages) throws SharingFailedException {
        // Page by page, so that after a refusal every other page is wholly in one state.
        for (long pa = pages.basePa(); pa < pages.endPa(); pa += PAGE) {
            mapGpa(new PhysRange(pa, PAGE), 0, "private");
            accept(pa);
            mapPrivate(new PhysRange(pa, PAGE));
        }
    }

    private void mapShared(PhysRange pages) {
        acts.mapPages(pages.basePa(), pages.length(), sharedBit);
    }

    private void mapPrivate(PhysRange pages) {
        acts.mapPages(pages.basePa(), pages.length(), 0);
    }

    private void mapGpa(PhysRange pages, long bit, String word) throws SharingFailedException {
        long from = pages.basePa();
        int inPlace = 0;
        while (from < pages.endPa()) {
            long[] result = acts.execute(
                    Instruction.TDCALL,
                    LEAF_VMCALL,
                    REGISTERS_PASSED,
                    0,
                    0,
                    0,
                    0,
                    MAP_GPA,
                    from | bit,
                    pages.endPa() - from);
            if (result[RAX] == 0 && result[R10] == STATUS_OK) {
                return;
            }
            long next = result[R11] & ~sharedBit;
            boolean retry = result[RAX] == 0 && result[R10] == STATUS_RETRY;
            // The address comes from the host: it must lie in what was asked for, on a page, and not go back.
            if (!retry
                    || next < from
                    || next >= pages.endPa()
                    || next % PAGE != 0
                    || next == from && ++inPlace > RETRIES_IN_PLACE) {
                throw new SharingFailedException(
                        "MapGPA of 0x%x, length 0x%x, to %s: status 0x%x, next 0x%x; the pages are given up"
                                .formatted(from, pages.endPa() - from, word, result[R10], result[R11]),
                        from);
            }
            inPlace = next == from ? inPlace : 0;
            from = next;
        }
    }

    private void accept(long pa) throws SharingFailedException {
        long answer = acts.execute(Instruction.TDCALL, LEAF_PAGE_ACCEPT, pa)[RAX];
        if (answer != 0) {
            throw new SharingFailedException(
                    "TDG.MEM.PAGE.ACCEPT of page 0x%x: 0x%x; the page is given up".formatted(pa, answer), pa);
        }
    }
}
