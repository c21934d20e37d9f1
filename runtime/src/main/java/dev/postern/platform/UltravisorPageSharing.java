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
final class UltravisorPageSharing extends GranuleSharing {

    private static final long PAGE = 64 * 1024;
    private static final long UV_SHARE_PAGE = 0xf130;
    private static final long UV_UNSHARE_PAGE = 0xf134;
    private static final long U_SUCCESS = 0;

    private final PrivilegedActs acts;

    UltravisorPageSharing(PrivilegedActs acts, List<PhysRange> shareable) {
        super(PAGE, shareable);
        this.acts = acts;
    }

    @Override
    public String mechanism() {
        return "ultravisor calls, pages of 64 KiB";
    }

    @Override
    void share(long pa) throws SharingFailedException {
        change(pa, UV_SHARE_PAGE, "UV_SHARE_PAGE");
    }

    @Override
    void unshare(long pa) throws SharingFailedException {
        change(pa, UV_UNSHARE_PAGE, "UV_UNSHARE_PAGE");
    }

    private void change(long pa, long call, String name) throws SharingFailedException {
        long answer = acts.execute(Instruction.ULTRAVISOR_CALL, call, pa / PAGE, 1)[0];
        if (answer != U_SUCCESS) {
            throw new SharingFailedException(
                    "%s of page 0x%x: the ultravisor answered %d; the page is given up".formatted(name, pa, answer),
                    pa);
        }
    }
}
