package dev.postern.emulated.platform;

import dev.postern.emulated.platform.HostScript.Treatment;
import dev.postern.machine.PrivilegedActs;

/**
 * The hypercalls of a protected guest under pKVM: who is there, which services, the granule, share and unshare (Linux
 * Documentation/virt/kvm/arm/hypercalls.rst, drivers/virt/coco/pkvm-guest/arm-pkvm-guest.c and include/linux/arm-smccc.h for the
 * numbers). Page tables have no bit for it.
 *
 * <p>Sharing gives the host access to the page as it is: what the guest left there, the host reads.
 */
final class PkvmActs implements PrivilegedActs {

    private static final int SMCCC_VERSION = 0x8000_0000;
    private static final int FEATURES = 0x8600_0000;
    private static final int CALL_UID = 0x8600_ff01;
    private static final int HYP_MEMINFO = 0xc600_0002;
    private static final int MEM_SHARE = 0xc600_0003;
    private static final int MEM_UNSHARE = 0xc600_0004;

    private static final long SMCCC_1_1 = 0x1_0001;
    private static final long SUCCESS = 0;
    private static final long NOT_SUPPORTED = -1;
    private static final long INVALID_PARAMETER = -3;

    /** The services by their number: features, memory information, share, unshare. */
    private static final long SERVICES = 1 << 0 | 1 << 2 | 1 << 3 | 1 << 4;

    private static final int OPERANDS = 8;

    private final SecureMemory memory;
    private final HostScript host;
    private final PlatformErrors errors;

    PkvmActs(SecureMemory memory, HostScript host, PlatformErrors errors) {
        this.memory = memory;
        this.host = host;
        this.errors = errors;
    }

    @Override
    public long[] execute(Instruction instruction, long... operands) {
        errors.checkPower();
        if (instruction == Instruction.SECURE_MONITOR_CALL) {
            // The hypervisor takes the instruction and knows no function by it; asking is how a guest finds out.
            return results(NOT_SUPPORTED);
        }
        if (instruction != Instruction.HYPERVISOR_CALL) {
            throw errors.undefined(instruction);
        }
        long[] x = Operands.of(operands, OPERANDS);
        // The function is in W0, the low half.
        return switch ((int) x[0]) {
            case SMCCC_VERSION -> results(SMCCC_1_1);
            // KVM's identity, 28b46fb6-2ec5-11e9-a9ca-4b564d003a74, in four words.
            case CALL_UID -> new long[] {0xb66f_b428L, 0xe911_c52eL, 0x564b_caa9L, 0x743a_004dL};
            case FEATURES -> results(SERVICES);
            case HYP_MEMINFO -> results((x[1] | x[2] | x[3]) == 0 ? memory.pageBytes() : INVALID_PARAMETER);
            case MEM_SHARE, MEM_UNSHARE -> results(convert((int) x[0], x[1], x[2] | x[3]));
            default -> results(NOT_SUPPORTED);
        };
    }

    private static long[] results(long x0) {
        return new long[] {x0, 0, 0, 0};
    }

    private long convert(int function, long pa, long reserved) {
        int page = memory.page(pa);
        if (page < 0 || pa % memory.pageBytes() != 0 || reserved != 0) {
            errors.note(
                    page < 0 ? "outside-ram" : "parameter",
                    "hypercall 0x%x of 0x%x, reserved 0x%x: give one granule of RAM and zeros"
                            .formatted(function, pa, reserved));
            return INVALID_PARAMETER;
        }
        boolean shared = memory.sharedByHost(page);
        if (shared == (function == MEM_SHARE)) {
            errors.note("state", "page 0x%x is %s already".formatted(pa, shared ? "shared" : "private"));
            return INVALID_PARAMETER;
        }
        if (host.nextConversion() == Treatment.FAIL) {
            return INVALID_PARAMETER;
        }
        if (shared) {
            memory.unshareInPlace(page);
        } else {
            memory.shareInPlace(page);
        }
        return SUCCESS;
    }

    @Override
    public void mapPages(long basePa, long length, long addressBits) {
        errors.checkPower();
        Operands.checkPages(basePa, length);
        if (addressBits != 0) {
            throw errors.fatal(
                    "address-bits",
                    "page tables with address bits 0x%x: pKVM has none, the next access faults".formatted(addressBits));
        }
    }
}
