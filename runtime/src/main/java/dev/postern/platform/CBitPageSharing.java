package dev.postern.platform;

import dev.postern.machine.PrivilegedActs;
import dev.postern.memory.PhysRange;
import java.util.List;

/**
 * AMD SEV and SEV-ES: a page is private while the guest's page table has the C-bit set, and that is all. Nobody is asked, so that
 * nothing can be refused; nobody keeps track either, so that the host may replace a private page without the guest noticing (Linux,
 * arch/x86/mm/mem_encrypt_amd.c, amd_enc_status_change_prepare and _finish: only SEV-SNP does more. The hypercall there tells a host
 * that wants to migrate the guest, and nothing depends on its answer).
 *
 * <p>The host sees guest-physical addresses without the C-bit.
 */
final class CBitPageSharing extends GuestPageSharing {

    private static final long PAGE = 4096;

    private final PrivilegedActs acts;
    private final long cBit;

    CBitPageSharing(PrivilegedActs acts, int cBitPosition, List<PhysRange> shareable) {
        super(PAGE, shareable);
        this.acts = acts;
        cBit = 1L << cBitPosition;
    }

    @Override
    public String mechanism() {
        return "C-bit %d in the page table".formatted(Long.numberOfTrailingZeros(cBit));
    }

    @Override
    public void share(PhysRange pages) {
        acts.mapPages(pages.basePa(), pages.length(), 0);
    }

    @Override
    public void unshare(PhysRange pages) {
        acts.mapPages(pages.basePa(), pages.length(), cBit);
    }
}
