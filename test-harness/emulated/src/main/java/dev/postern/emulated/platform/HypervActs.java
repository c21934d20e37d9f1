package dev.postern.emulated.platform;

import dev.postern.emulated.platform.HostScript.Treatment;
import dev.postern.machine.PrivilegedActs;

/**
 * The hypercall by which an isolated Hyper-V guest shows pages to the host, and the virtual top of memory: a guest with a
 * paravisor reaches shared pages through addresses above the shared GPA boundary (Linux arch/x86/hyperv/ivm.c,
 * hv_mark_gpa_visibility and hv_vtom_init; include/hyperv/hvgdk_mini.h and hvhdk.h for numbers and layouts; Hyper-V Top Level
 * Functional Specification, Hypercall Interface). The paravisor validates and rescinds pages for the guest.
 *
 * <p>The hypercall names pages by their frame below the boundary, and so do devices: in Linux hv_vtom_set_host_visibility
 * passes plain frames, and no DMA address gets the bit, which the page tables alone have.
 */
final class HypervActs implements PrivilegedActs {

    private static final long BOUNDARY = 1L << X86Facts.SHARED_GPA_BOUNDARY_BITS;

    private static final int MODIFY_SPARSE_GPA_PAGE_HOST_VISIBILITY = 0x00db;

    private static final long SELF = -1;
    private static final long NOT_VISIBLE = 0;
    private static final long READ_WRITE = 3;

    private static final int SUCCESS = 0;
    private static final int INVALID_HYPERCALL_CODE = 2;
    private static final int INVALID_HYPERCALL_INPUT = 3;
    private static final int INVALID_PARAMETER = 5;
    private static final int OPERATION_DENIED = 8;
    private static final int INVALID_PARTITION_ID = 13;

    /** Input by registers holds two words, too few for this call; nested calls are another hypervisor's. */
    private static final long FAST_VARIABLE_OR_NESTED = 0xffff_0000L;

    /** Operands: control word, partition, visibility, then one frame for each repetition. */
    private static final int FRAMES = 3;

    private final SecureMemory memory;
    private final PrivatePages privatePages;
    private final HostScript host;
    private final PlatformErrors errors;

    HypervActs(SecureMemory memory, PrivatePages privatePages, HostScript host, PlatformErrors errors) {
        this.memory = memory;
        this.privatePages = privatePages;
        this.host = host;
        this.errors = errors;
    }

    @Override
    public long[] execute(Instruction instruction, long... operands) {
        errors.checkPower();
        if (instruction != Instruction.HYPERV_CALL) {
            throw errors.undefined(instruction);
        }
        return new long[] {call(operands)};
    }

    /** The result word: status in the low 16 bits, and how many repetitions are done, from the first one on, in bits 32 to 43. */
    private static long result(int status, int done) {
        return (long) done << 32 | status;
    }

    private long call(long[] operands) {
        long control = operands.length == 0 ? 0 : operands[0];
        int code = (int) control & 0xffff;
        int count = (int) (control >>> 32) & 0xfff;
        int start = (int) (control >>> 48) & 0xfff;
        if (code != MODIFY_SPARSE_GPA_PAGE_HOST_VISIBILITY) {
            errors.note("hypercall", "hypercall 0x%x, which is not served".formatted(code));
            return result(INVALID_HYPERCALL_CODE, 0);
        }
        if ((control & FAST_VARIABLE_OR_NESTED) != 0 || start >= count || operands.length < FRAMES + count) {
            errors.note(
                    "hypercall",
                    "hypercall control 0x%x with %d words of input: give the frame of each of its %d repetitions"
                            .formatted(control, operands.length - 1, count));
            return result(INVALID_HYPERCALL_INPUT, 0);
        }
        if (operands[1] != SELF) {
            errors.note("hypercall", "partition 0x%x: a guest has its own, -1".formatted(operands[1]));
            return result(INVALID_PARTITION_ID, start);
        }
        long visibility = operands[2];
        if (visibility != NOT_VISIBLE && visibility != READ_WRITE) {
            errors.note("visibility", "host visibility 0x%x: 0 and 3 are served".formatted(visibility));
            return result(INVALID_PARAMETER, start);
        }
        for (int i = start; i < count; i++) {
            int status = convert(operands[FRAMES + i], visibility);
            if (status != SUCCESS) {
                return result(status, i);
            }
        }
        return result(SUCCESS, count);
    }

    private int convert(long frame, long visibility) {
        int page =
                frame < 0 || frame > Long.MAX_VALUE / memory.pageBytes() ? -1 : memory.page(frame * memory.pageBytes());
        if (page < 0) {
            errors.note("outside-ram", "host visibility of frame 0x%x, which is not RAM".formatted(frame));
            return INVALID_PARAMETER;
        }
        if (memory.sharedByHost(page) == (visibility == READ_WRITE)) {
            return SUCCESS;
        }
        switch (host.nextConversion()) {
            case Treatment.FAIL -> {
                return OPERATION_DENIED;
            }
            case Treatment.PRETEND -> {
                return SUCCESS;
            }
            case Treatment.DO, Treatment.GARBLE -> {
                if (visibility == READ_WRITE) {
                    memory.assignShared(page);
                    privatePages.converted(page);
                } else {
                    memory.assignPrivate(page);
                    memory.validate(page);
                }
            }
        }
        return SUCCESS;
    }

    @Override
    public void mapPages(long basePa, long length, long addressBits) {
        errors.checkPower();
        Operands.checkPages(basePa, length);
        if ((addressBits & ~BOUNDARY) != 0) {
            throw errors.fatal(
                    "vtom",
                    "page tables with address bits 0x%x, the shared GPA boundary is 0x%x: the next access faults"
                            .formatted(addressBits, BOUNDARY));
        }
        if (addressBits == 0) {
            memory.pages(basePa, length).forEach(memory::mapPrivate);
        } else {
            memory.pages(basePa, length).forEach(memory::mapShared);
        }
    }
}
