package dev.postern.platform;

import dev.postern.machine.PrivilegedActs;
import dev.postern.machine.PrivilegedActs.Instruction;
import dev.postern.memory.PhysRange;
import java.util.List;

/**
 * Hyper-V with a paravisor and a virtual top of memory: guest-physical addresses below the boundary are private, and the same page is
 * reached as a shared one through the boundary's address bit in the guest's page table. The hypervisor is told which pages the host
 * may see, in lists of page numbers without that bit.
 *
 * <p>To share: set the bit in the page table, then make the pages visible for reading and writing. To take back: make them invisible,
 * then clear the bit. Nothing touches the pages in between, as PageSharing demands; Linux marks them absent for that time (Linux,
 * arch/x86/hyperv/ivm.c, hv_vtom_set_host_visibility and hv_mark_gpa_visibility; include/asm-generic/mshyperv.h,
 * hv_do_rep_hypercall; Hypervisor Top-Level Functional Specification, HvCallModifySparseGpaPageHostVisibility).
 *
 * <p>The boundary's bit is for the guest's page table; the host and its devices go by the page's own address.
 */
final class VtomPageSharing extends GuestPageSharing {

    private static final long PAGE = 4096;

    /** So many page numbers fit behind the two words of the input, which has one page. */
    static final int MOST_PAGES_A_CALL = 510;

    private static final long MODIFY_HOST_VISIBILITY = 0x00db;
    private static final int COUNT_SHIFT = 32;
    private static final int START_SHIFT = 48;
    private static final long PARTITION_SELF = -1;
    private static final long NOT_VISIBLE = 0;
    private static final long VISIBLE_READ_WRITE = 3;
    private static final int HEAD_WORDS = 3;

    private static final long STATUS_MASK = 0xffff;
    private static final long DONE_MASK = 0xfff;
    private static final long STATUS_SUCCESS = 0;
    /** The hypervisor may stop early as often as it likes, but must come closer to the end; without that, this often at one place. */
    static final int RETRIES_IN_PLACE = 3;

    private final PrivilegedActs acts;
    private final long boundary;

    VtomPageSharing(PrivilegedActs acts, int boundaryBit, List<PhysRange> shareable) {
        super(PAGE, shareable);
        this.acts = acts;
        boundary = 1L << boundaryBit;
    }

    @Override
    public String mechanism() {
        return "vTOM bit %d and host visibility hypercalls".formatted(Long.numberOfTrailingZeros(boundary));
    }

    @Override
    public void share(PhysRange pages) throws SharingFailedException {
        acts.mapPages(pages.basePa(), pages.length(), boundary);
        try {
            setVisibility(pages, VISIBLE_READ_WRITE, "visible");
        } catch (SharingFailedException e) {
            long behind = e.failedPa() + PAGE;
            if (behind < pages.endPa()) {
                // These are still private: their page-table entries go back.
                acts.mapPages(behind, pages.endPa() - behind, 0);
            }
            throw e;
        }
    }

    @Override
    public void unshare(PhysRange pages) throws SharingFailedException {
        try {
            setVisibility(pages, NOT_VISIBLE, "invisible");
        } catch (SharingFailedException e) {
            if (e.failedPa() > pages.basePa()) {
                acts.mapPages(pages.basePa(), e.failedPa() - pages.basePa(), 0);
            }
            throw e;
        }
        acts.mapPages(pages.basePa(), pages.length(), 0);
    }

    private void setVisibility(PhysRange pages, long visibility, String word) throws SharingFailedException {
        for (long pa = pages.basePa(); pa < pages.endPa(); pa += MOST_PAGES_A_CALL * PAGE) {
            int count = (int) Math.min(MOST_PAGES_A_CALL, (pages.endPa() - pa) / PAGE);
            setVisibility(pa, count, visibility, word);
        }
    }

    /** One list: the call is repeated with the number of the first page not yet done until all are. */
    private void setVisibility(long pa, int count, long visibility, String word) throws SharingFailedException {
        long[] operands = new long[HEAD_WORDS + count];
        operands[1] = PARTITION_SELF;
        operands[2] = visibility;
        for (int i = 0; i < count; i++) {
            operands[HEAD_WORDS + i] = pa / PAGE + i;
        }
        int done = 0;
        int inPlace = 0;
        while (done < count) {
            operands[0] = MODIFY_HOST_VISIBILITY | (long) count << COUNT_SHIFT | (long) done << START_SHIFT;
            long result = acts.execute(Instruction.HYPERV_CALL, operands)[0];
            int reached = (int) (result >>> COUNT_SHIFT & DONE_MASK);
            boolean possible = reached >= done && reached <= count;
            boolean success = (result & STATUS_MASK) == STATUS_SUCCESS;
            if (!success || !possible || reached == done && ++inPlace > RETRIES_IN_PLACE) {
                // A number that cannot be is not believed: then only what was done before is sure to be.
                long failedPa = pa + PAGE * (possible && reached < count ? reached : done);
                throw new SharingFailedException(
                        "visibility of %d pages from 0x%x to %s: the hypervisor answered 0x%x; page 0x%x is given up"
                                .formatted(count, pa, word, result, failedPa),
                        failedPa);
            }
            inPlace = reached == done ? inPlace : 0;
            done = reached;
        }
    }
}
