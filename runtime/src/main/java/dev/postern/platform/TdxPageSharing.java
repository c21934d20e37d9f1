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
 *
 * <p>The host sees guest-physical addresses without the shared bit.
 */
final class TdxPageSharing extends GranuleSharing {

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
    /** How often the host may ask for the same page again. */
    private static final int MOST_RETRIES = 3;

    private final PrivilegedActs acts;
    private final long sharedBit;

    TdxPageSharing(PrivilegedActs acts, int addressWidth, List<PhysRange> shareable) {
        super(PAGE, shareable);
        this.acts = acts;
        sharedBit = 1L << addressWidth - 1;
    }

    @Override
    public String mechanism() {
        return "shared bit %d, MapGPA and page acceptance".formatted(Long.numberOfTrailingZeros(sharedBit));
    }

    @Override
    void share(long pa) throws SharingFailedException {
        mapShared(pa);
        mapGpa(pa, sharedBit, "shared");
    }

    @Override
    void unshare(long pa) throws SharingFailedException {
        mapGpa(pa, 0, "private");
        accept(pa);
        mapPrivate(pa);
    }

    private void mapShared(long pa) {
        acts.mapPages(pa, PAGE, sharedBit);
    }

    private void mapPrivate(long pa) {
        acts.mapPages(pa, PAGE, 0);
    }

    /**
     * One page a call: a host that refuses a range may have changed a part of it, and what it says about how far it came is not
     * exact (Linux, arch/x86/kvm/vmx/tdx.c, tdx_complete_vmcall_map_gpa, names the start of a chunk).
     */
    private void mapGpa(long pa, long bit, String word) throws SharingFailedException {
        for (int attempt = 0; ; attempt++) {
            long[] result = acts.execute(
                    Instruction.TDCALL, LEAF_VMCALL, REGISTERS_PASSED, 0, 0, 0, 0, MAP_GPA, pa | bit, PAGE);
            if (result[RAX] == 0 && result[R10] == STATUS_OK) {
                return;
            }
            // The address to go on from comes from the host, and of one page there is only one.
            boolean retry = result[RAX] == 0 && result[R10] == STATUS_RETRY && (result[R11] & ~sharedBit) == pa;
            if (!retry || attempt == MOST_RETRIES) {
                throw new SharingFailedException(
                        "MapGPA of page 0x%x to %s: status 0x%x, next 0x%x; the page is given up"
                                .formatted(pa, word, result[R10], result[R11]),
                        pa);
            }
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
