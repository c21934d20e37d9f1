package dev.postern.emulated.platform;

import dev.postern.emulated.board.GuestMemory;
import dev.postern.machine.PrivilegedActs;

/**
 * What a kernel can do on an Arm machine whose memory nobody keeps from the host: cache maintenance, and calls that firmware or a
 * hypervisor answers by the SMC calling convention (Arm DEN0028; PSCI, DEN0022). No service is there but their versions.
 */
final class ArmActs implements PrivilegedActs {

    private static final int SMCCC_VERSION = 0x8000_0000;
    private static final int PSCI_VERSION = 0x8400_0000;

    private static final long SMCCC_1_1 = 0x1_0001;
    private static final long PSCI_1_0 = 0x1_0000;
    private static final long NOT_SUPPORTED = -1;

    private static final int CALL_OPERANDS = 8;

    private final GuestMemory memory;
    private final Caches caches;
    private final PlatformErrors errors;

    ArmActs(GuestMemory memory, Caches caches, PlatformErrors errors) {
        this.memory = memory;
        this.caches = caches;
        this.errors = errors;
    }

    @Override
    public long[] execute(Instruction instruction, long... operands) {
        errors.checkPower();
        return switch (instruction) {
            case HYPERVISOR_CALL -> new long[] {call((int) Operands.of(operands, CALL_OPERANDS)[0]), 0, 0, 0};
            // Nobody is there to take it; asking is how a guest finds out.
            case SECURE_MONITOR_CALL -> new long[] {NOT_SUPPORTED, 0, 0, 0};
            case CACHE_CLEAN, CACHE_INVALIDATE -> {
                long[] range = Operands.of(operands, 2);
                maintain(instruction, range[0], range[1]);
                yield new long[0];
            }
            case VMGEXIT, PVALIDATE, TDCALL, ULTRAVISOR_CALL, UVC, HYPERV_CALL, XEN_HYPERCALL ->
                throw errors.undefined(instruction);
        };
    }

    private static long call(int function) {
        return switch (function) {
            case SMCCC_VERSION -> SMCCC_1_1;
            case PSCI_VERSION -> PSCI_1_0;
            default -> NOT_SUPPORTED;
        };
    }

    private void maintain(Instruction instruction, long pa, long length) {
        if (length == 0) {
            return;
        }
        if (length < 0 || memory.regionOf(pa, length) == null) {
            errors.note(
                    "outside-ram",
                    "%s of 0x%x, %d bytes: give a range inside one region of RAM".formatted(instruction, pa, length));
            return;
        }
        if (instruction == Instruction.CACHE_CLEAN) {
            caches.clean(pa, length);
        } else {
            caches.invalidate(pa, length);
        }
    }

    @Override
    public void mapPages(long basePa, long length, long addressBits) {
        errors.checkPower();
        Operands.checkPages(basePa, length);
        if (addressBits != 0) {
            throw errors.fatal(
                    "address-bits",
                    "page tables with address bits 0x%x on a machine that has none: the next access faults"
                            .formatted(addressBits));
        }
    }

    @Override
    public void mapCaching(long basePa, long length, Caching caching) {
        errors.checkPower();
        Operands.checkPages(basePa, length);
        if (length == 0) {
            return;
        }
        if (memory.regionOf(basePa, length) == null) {
            errors.note(
                    "outside-ram",
                    "page tables of 0x%x, %d bytes as %s: give pages inside one region of RAM"
                            .formatted(basePa, length, caching));
            return;
        }
        caches.map(basePa, length, caching);
    }
}
