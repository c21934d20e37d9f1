package dev.postern.platform;

import dev.postern.machine.PrivilegedActs;
import dev.postern.machine.PrivilegedActs.Instruction;
import dev.postern.memory.PhysRange;
import java.util.List;

/**
 * POWER's protected execution facility: a secure guest asks the ultravisor to share its pages of 64 KiB (Linux,
 * arch/powerpc/include/asm/ultravisor.h and ultravisor-api.h; Documentation/arch/powerpc/ultravisor.rst, UV_SHARE_PAGE and
 * UV_UNSHARE_PAGE).
 */
final class UltravisorPageSharing implements PageSharing {

    private static final long PAGE = 64 * 1024;
    private static final long UV_SHARE_PAGE = 0xf130;
    private static final long UV_UNSHARE_PAGE = 0xf134;
    private static final long U_SUCCESS = 0;

    private final PrivilegedActs acts;
    private final List<PhysRange> shareable;

    UltravisorPageSharing(PrivilegedActs acts, List<PhysRange> shareable) {
        this.acts = acts;
        this.shareable = List.copyOf(shareable);
    }

    @Override
    public String mechanism() {
        return "ultravisor calls, pages of 64 KiB";
    }

    @Override
    public long granuleBytes() {
        return PAGE;
    }

    @Override
    public List<PhysRange> shareable() {
        return shareable;
    }

    @Override
    public long sharedAlias(long pa) {
        return pa;
    }

    @Override
    public void share(PhysRange pages) throws SharingFailedException {
        eachPage(pages, UV_SHARE_PAGE, "UV_SHARE_PAGE");
    }

    @Override
    public void unshare(PhysRange pages) throws SharingFailedException {
        eachPage(pages, UV_UNSHARE_PAGE, "UV_UNSHARE_PAGE");
    }

    /** One page a call, so that a refusal names its page. */
    private void eachPage(PhysRange pages, long call, String name) throws SharingFailedException {
        for (long pa = pages.basePa(); pa < pages.endPa(); pa += PAGE) {
            long answer = acts.execute(Instruction.ULTRAVISOR_CALL, call, pa / PAGE, 1)[0];
            if (answer != U_SUCCESS) {
                throw new SharingFailedException(
                        "%s of page 0x%x: the ultravisor answered %d; the page is given up".formatted(name, pa, answer),
                        pa);
            }
        }
    }
}
