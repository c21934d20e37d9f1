package dev.postern.platform;

import dev.postern.machine.PrivilegedActs;
import dev.postern.machine.PrivilegedActs.Instruction;
import dev.postern.memory.PhysRange;
import java.util.List;

/**
 * pKVM on Arm: a protected guest asks the hypervisor to share its memory with the host, one granule a call; the granule is what the
 * hypervisor says it is (Linux, drivers/virt/coco/pkvm-guest/arm-pkvm-guest.c, arm_smccc_do_one_page;
 * Documentation/virt/kvm/arm/hypercalls.rst, MEM_SHARE and MEM_UNSHARE).
 */
final class PkvmPageSharing extends GranuleSharing {

    private static final long MEM_SHARE = 0xc6000003L;
    private static final long MEM_UNSHARE = 0xc6000004L;
    private static final long SUCCESS = 0;

    private final PrivilegedActs acts;

    PkvmPageSharing(PrivilegedActs acts, long granule, List<PhysRange> shareable) {
        super(granule, shareable);
        this.acts = acts;
    }

    @Override
    public String mechanism() {
        return "pKVM share calls, granules of %d bytes".formatted(granuleBytes());
    }

    @Override
    void share(long pa) throws SharingFailedException {
        change(pa, MEM_SHARE, "MEM_SHARE");
    }

    @Override
    void unshare(long pa) throws SharingFailedException {
        change(pa, MEM_UNSHARE, "MEM_UNSHARE");
    }

    private void change(long pa, long call, String name) throws SharingFailedException {
        // The two operands behind the address are reserved and must be 0.
        long answer = acts.execute(Instruction.HYPERVISOR_CALL, call, pa, 0, 0)[0];
        if (answer != SUCCESS) {
            throw new SharingFailedException(
                    "%s of granule 0x%x: the hypervisor answered %d; the granule is given up"
                            .formatted(name, pa, answer),
                    pa);
        }
    }
}
