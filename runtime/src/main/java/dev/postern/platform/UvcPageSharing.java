package dev.postern.platform;

import dev.postern.machine.PrivilegedActs;
import dev.postern.memory.PhysRange;
import java.util.List;

/**
 * IBM Z protected virtualization: a guest asks the ultravisor to let the host reach its pages, one a call (Linux,
 * arch/s390/include/asm/uv.h, struct uv_cb_share, share and uv_call: the condition codes for busy and partial mean to ask again).
 */
final class UvcPageSharing extends GranuleSharing {

    private static final long PAGE = 4096;

    private static final long SET_SHARED_ACCESS = 0x1000;
    private static final long REMOVE_SHARED_ACCESS = 0x1001;

    private final PrivilegedActs acts;

    UvcPageSharing(PrivilegedActs acts, List<PhysRange> shareable) {
        super(PAGE, shareable);
        this.acts = acts;
    }

    @Override
    public String mechanism() {
        return "ultravisor calls, shared access set page by page";
    }

    @Override
    void share(long pa) throws SharingFailedException {
        change(pa, SET_SHARED_ACCESS, "Set Shared Access");
    }

    @Override
    void unshare(long pa) throws SharingFailedException {
        change(pa, REMOVE_SHARED_ACCESS, "Remove Shared Access");
    }

    private void change(long pa, long command, String name) throws SharingFailedException {
        // Behind its header the control block has three reserved words, the address, and another reserved word.
        UvcAnswer answer = UvcAnswer.of(acts, command, 0, 0, 0, pa, 0);
        if (!answer.executed()) {
            throw new SharingFailedException(
                    "%s of page 0x%x: the ultravisor answered %s; the page is given up".formatted(name, pa, answer),
                    pa);
        }
    }
}
