package dev.postern.platform;

import dev.postern.machine.PrivilegedActs;
import dev.postern.machine.PrivilegedActs.Instruction;
import dev.postern.memory.PhysRange;
import java.util.List;

/**
 * AMD SEV-SNP: a page is private when the hypervisor assigned it to the guest, the guest validated it, and the guest's page table
 * has the C-bit set.
 *
 * <p>To share: rescind the validation while the page is still assigned, ask the hypervisor for the shared state, then clear the
 * C-bit. To take back: set the C-bit, ask for the private state, then validate (Linux, arch/x86/coco/sev/core.c, set_pages_state and
 * arch/x86/mm/mem_encrypt_amd.c, amd_enc_status_change_prepare and _finish; GHCB specification, "Page State Change", MSR protocol
 * 0x014 and 0x015).
 */
final class SnpPageSharing extends GranuleSharing {

    private static final long PAGE = 4096;
    private static final long SIZE_4K = 0;
    private static final long RESCIND = 0;
    private static final long VALIDATE = 1;

    private static final long PSC_REQUEST = 0x014;
    private static final long PSC_RESPONSE = 0x015;
    private static final int PSC_OPERATION_SHIFT = 52;
    private static final long PSC_PRIVATE = 1;
    private static final long PSC_SHARED = 2;
    private static final long INFO_MASK = 0xfff;

    private final PrivilegedActs acts;
    private final long cBit;

    SnpPageSharing(PrivilegedActs acts, int cBitPosition, List<PhysRange> shareable) {
        super(PAGE, shareable);
        this.acts = acts;
        cBit = 1L << cBitPosition;
    }

    @Override
    public String mechanism() {
        return "C-bit %d, PVALIDATE and page state change".formatted(Long.numberOfTrailingZeros(cBit));
    }

    @Override
    void share(long pa) throws SharingFailedException {
        validation(pa, RESCIND, "rescind");
        changeState(pa, PSC_SHARED, "shared");
        mapShared(pa);
    }

    @Override
    void unshare(long pa) throws SharingFailedException {
        mapPrivate(pa);
        changeState(pa, PSC_PRIVATE, "private");
        validation(pa, VALIDATE, "validate");
    }

    private void mapShared(long pa) {
        acts.mapPages(pa, PAGE, 0);
    }

    private void mapPrivate(long pa) {
        acts.mapPages(pa, PAGE, cBit);
    }

    /** The carry flag says that nothing changed: the page was in that state already, so somebody else has had it meanwhile. */
    private void validation(long pa, long validate, String word) throws SharingFailedException {
        long[] result = acts.execute(Instruction.PVALIDATE, pa, SIZE_4K, validate);
        if (result[0] != 0 || result[1] != 0) {
            throw new SharingFailedException(
                    "PVALIDATE (%s) of page 0x%x: return code %d, carry %d; the page is given up"
                            .formatted(word, pa, result[0], result[1]),
                    pa);
        }
    }

    private void changeState(long pa, long operation, String word) throws SharingFailedException {
        long answer = acts.execute(Instruction.VMGEXIT, operation << PSC_OPERATION_SHIFT | pa | PSC_REQUEST)[0];
        if ((answer & INFO_MASK) != PSC_RESPONSE || answer >>> 32 != 0) {
            throw new SharingFailedException(
                    "page state change of page 0x%x to %s: the hypervisor answered 0x%x; the page is given up"
                            .formatted(pa, word, answer),
                    pa);
        }
    }
}
