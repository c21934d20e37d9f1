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
final class PkvmPageSharing implements PageSharing {

    private static final long MEM_SHARE = 0xc6000003L;
    private static final long MEM_UNSHARE = 0xc6000004L;
    private static final long SUCCESS = 0;

    private final PrivilegedActs acts;
    private final long granule;
    private final List<PhysRange> shareable;

    PkvmPageSharing(PrivilegedActs acts, long granule, List<PhysRange> shareable) {
        this.acts = acts;
        this.granule = granule;
        this.shareable = List.copyOf(shareable);
    }

    @Override
    public String mechanism() {
        return "pKVM share calls, granules of %d bytes".formatted(granule);
    }

    @Override
    public long granuleBytes() {
        return granule;
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
        eachGranule(pages, MEM_SHARE, "MEM_SHARE");
    }

    @Override
    public void unshare(PhysRange pages) throws SharingFailedException {
        eachGranule(pages, MEM_UNSHARE, "MEM_UNSHARE");
    }

    private void eachGranule(PhysRange pages, long call, String name) throws SharingFailedException {
        for (long pa = pages.basePa(); pa < pages.endPa(); pa += granule) {
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
}
