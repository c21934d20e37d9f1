package dev.postern.emulated.platform;

import dev.postern.machine.PrivilegedActs;

/**
 * What a kernel can do under Xen: hypercalls, and what it could do without. Of the hypercalls there are two, grant_table_op (20) and
 * memory_op (12); any other returns -ENOSYS.
 *
 * <p><b>How the guest gets at its grant table:</b> on all four Xen machines, paravirtualised ones included, the guest picks a page of its
 * own RAM for each frame of the table and calls memory_op(7, pa) [XENMEM_add_to_physmap] with struct xen_add_to_physmap at pa: domid
 * DOMID_SELF (0x7ff0), size 0, space 1 (XENMAPSPACE_grant_table), idx the number of the frame from 0, gpfn the guest-physical frame
 * number (address / 4096) of that page, also on a paravirtualised guest. From then on that page of RAM shows frame idx: what was there is
 * lost, entries are read and written in place as struct grant_entry_v1, and the page is no memory for devices any more, so it must not be
 * granted or given to a device, and its number in the list of machine frames no longer means anything. The call makes the table larger
 * when it has to; it has 1 frame at first and at most 64, of 512 entries each, and references 0 to 7 are reserved by Xen's convention. A
 * frame that is placed a second time leaves its first page, which has no memory then. grant_table_op(2, pa, 1) [GNTTABOP_setup_table]
 * also makes the table larger, and lists the frames' numbers: machine frame numbers for a paravirtualised guest, which can do nothing
 * with them here, and for all others the gpfn where each frame was placed, all ones where it was not. A real Xen refuses
 * add_to_physmap to a paravirtualised guest, which maps those machine frames in its page tables instead; page tables are not among the
 * pins, so the one call stands for both ways. In an entry, frame is the machine frame number of the page on a paravirtualised guest (its
 * entry in the list), and the guest-physical frame number on all others; domid is the domain of the back-end, which is 0 on x86 and what
 * iommu-map says on Arm.
 */
final class XenActs implements PrivilegedActs {

    private static final int MEMORY_OP = 12;
    private static final int GRANT_TABLE_OP = 20;

    /** The number and five arguments. */
    private static final int OPERANDS = 6;

    private final MemoryOp memoryOp;
    private final GrantTableOp grantTableOp;
    private final PrivilegedActs bare;
    private final PlatformErrors errors;

    /**
     * Hypercalls on top of a CPU.
     *
     * @param bare everything that is no hypercall of Xen's
     */
    XenActs(MemoryOp memoryOp, GrantTableOp grantTableOp, PrivilegedActs bare, PlatformErrors errors) {
        this.memoryOp = memoryOp;
        this.grantTableOp = grantTableOp;
        this.bare = bare;
        this.errors = errors;
    }

    @Override
    public long[] execute(Instruction instruction, long... operands) {
        if (instruction != Instruction.XEN_HYPERCALL) {
            return bare.execute(instruction, operands);
        }
        errors.checkPower();
        long[] call = Operands.of(operands, OPERANDS);
        long result = call[0] == MEMORY_OP
                ? memoryOp.call(call[1], call[2])
                : call[0] == GRANT_TABLE_OP ? grantTableOp.call(call[1], call[2], call[3]) : -XenErrno.ENOSYS;
        return new long[] {result};
    }

    @Override
    public void mapPages(long basePa, long length, long addressBits) {
        bare.mapPages(basePa, length, addressBits);
    }

    @Override
    public void mapCaching(long basePa, long length, Caching caching) {
        bare.mapCaching(basePa, length, caching);
    }
}
