package dev.postern.attach;

import java.util.Arrays;
import java.util.BitSet;
import java.util.OptionalLong;

/**
 * A guest's CPU under Intel TDX, and the module and host beneath it.
 *
 * <p>Facts: CPUID 0x21 ("IntelTDX    ") and TDG.VP.INFO (Intel TDX Module specification, TDCALL leaf 1). MapGPA after the
 * Guest-Host Communication Interface: status in R10, the address where it stopped in R11 with the shared bit as the
 * guest gave it. This host does at most up to the next multiple of 2 MiB in a call and then answers "retry", as hosts
 * that divide the work do. Page acceptance after the module specification (TDCALL leaf 6): a page that is accepted
 * already is told, and one that the host did not give ends the guest.
 *
 * <p>All pages are of 4 KiB, and at the start all are private, accepted and mapped without the shared bit. The module
 * zeroes a page that is accepted; here it holds bytes that nobody wrote, which is worse and allowed.
 */
final class TdxCpu implements SecureCpu {

    private static final int ADDRESS_WIDTH = 52;
    private static final long SHARED_BIT = 1L << ADDRESS_WIDTH - 1;

    private static final int SIGNATURE_LEAF = 0x21;

    private static final int RAX = 0;
    private static final int RCX = 1;
    private static final int RDX = 2;
    private static final int R8 = 3;
    private static final int R10 = 5;
    private static final int R11 = 6;
    private static final int R12 = 7;
    private static final int R13 = 8;
    private static final int REGISTERS = 11;

    private static final int VMCALL = 0;
    private static final int VP_INFO = 1;
    private static final int PAGE_ACCEPT = 6;
    private static final long MAP_GPA = 0x10001;

    private static final long OPERAND_INVALID_RAX = 0xc000_0100_0000_0000L;
    private static final long OPERAND_INVALID_RCX = OPERAND_INVALID_RAX | 1;
    private static final long PAGE_ALREADY_ACCEPTED = 0x0000_0b0a_0000_0000L;
    private static final long PAGE_SIZE_MISMATCH = 0xc000_0b0b_0000_0000L;

    private static final long HOST_SUCCESS = 0;
    private static final long HOST_RETRY = 1;
    private static final long HOST_INVALID_OPERAND = 0x8000_0000_0000_0000L;
    private static final long HOST_ALIGN_ERROR = 0x8000_0000_0000_0002L;

    /** RAX, RCX and RSP are never passed, and there are no registers beyond the 16 of XMM. */
    private static final long NEVER_PASSED = ~0xffff_ffffL | 0b10011;

    private static final long STEP = 2 << 20;

    private final WindowPages window;
    private final FatalFault fault;
    private final PageMapping mappedShared;
    private final BitSet convertedToShared = new BitSet();
    private final BitSet accepted = new BitSet();

    TdxCpu(WindowPages window, FatalFault fault) {
        this.window = window;
        this.fault = fault;
        mappedShared = new PageMapping(window);
        accepted.set(0, window.count());
    }

    @Override
    public Architecture architecture() {
        return Architecture.X86_64;
    }

    @Override
    public Cpuid cpuid(int leaf, int subleaf) {
        return switch (leaf) {
            // "GenuineIntel" and "IntelTDX    " in EBX, EDX, ECX.
            case 0 -> new Cpuid(SIGNATURE_LEAF, 0x756e6547, 0x6c65746e, 0x49656e69);
            case SIGNATURE_LEAF -> new Cpuid(0, 0x65746e49, 0x20202020, 0x5844546c);
            default -> Cpuid.NONE;
        };
    }

    @Override
    public OptionalLong register(int number) {
        return OptionalLong.empty();
    }

    @Override
    public long[] execute(Instruction instruction, long... operands) {
        if (instruction != Instruction.TDCALL) {
            throw fault.stop("%s is no instruction of TDX (#UD)".formatted(instruction));
        }
        long[] registers = Arrays.copyOf(operands, REGISTERS);
        long leaf = registers[RAX];
        if (leaf == VMCALL) {
            callHost(registers);
        } else if (leaf == VP_INFO) {
            registers[RAX] = 0;
            registers[RCX] = ADDRESS_WIDTH;
            // No attributes; one virtual CPU of at most one; and this is number 0.
            registers[RDX] = 0;
            registers[R8] = 1L << 32 | 1;
            Arrays.fill(registers, R8 + 1, R12, 0);
        } else if (leaf == PAGE_ACCEPT) {
            registers[RAX] = accept(registers[RCX]);
        } else {
            registers[RAX] = OPERAND_INVALID_RAX;
        }
        return registers;
    }

    private void callHost(long[] registers) {
        long passed = registers[RCX];
        if ((passed & NEVER_PASSED) != 0) {
            registers[RAX] = OPERAND_INVALID_RCX;
            return;
        }
        long[] host = new long[REGISTERS];
        for (int register = R8; register < REGISTERS; register++) {
            host[register] = passes(passed, register) ? registers[register] : 0;
        }
        if (host[R10] == 0 && host[R11] == MAP_GPA) {
            mapGpa(host);
        } else {
            host[R10] = HOST_INVALID_OPERAND;
        }
        registers[RAX] = 0;
        for (int register = R8; register < REGISTERS; register++) {
            if (passes(passed, register)) {
                registers[register] = host[register];
            }
        }
    }

    /** The mask in RCX counts the registers as the architecture does: R8 is bit 8. */
    private static boolean passes(long mask, int register) {
        return (mask >>> register - R8 + 8 & 1) != 0;
    }

    private void mapGpa(long[] host) {
        long bit = host[R12] & SHARED_BIT;
        long from = host[R12] & ~SHARED_BIT;
        long length = host[R13];
        host[R11] = host[R12];
        if (length <= 0 || ((from | length) & WindowPages.PAGE - 1) != 0) {
            host[R10] = HOST_ALIGN_ERROR;
            return;
        }
        if (!window.contains(from, length)) {
            host[R10] = HOST_INVALID_OPERAND;
            return;
        }
        long end = Math.min(from + length, (from + STEP) & -STEP);
        for (long pa = from; pa < end; pa += WindowPages.PAGE) {
            convert(pa, bit);
        }
        host[R10] = end == from + length ? HOST_SUCCESS : HOST_RETRY;
        host[R11] = host[R10] == HOST_RETRY ? end | bit : 0;
    }

    private void convert(long pa, long bit) {
        int page = window.index(pa);
        if (convertedToShared.get(page) != (bit != 0)) {
            convertedToShared.flip(page);
            accepted.clear(page);
            window.scramble(pa);
        }
    }

    private long accept(long operand) {
        long level = operand & 7;
        long pa = operand & -WindowPages.PAGE;
        if (level > 1 || (operand & 0xff8) != 0 || (pa & -SHARED_BIT) != 0) {
            return OPERAND_INVALID_RCX;
        }
        if (level == 1) {
            return PAGE_SIZE_MISMATCH;
        }
        if (window.isPrivateRam(pa)) {
            return PAGE_ALREADY_ACCEPTED;
        }
        int page = window.index(pa);
        if (!window.contains(pa, WindowPages.PAGE) || convertedToShared.get(page)) {
            throw fault.stop("TDG.MEM.PAGE.ACCEPT of page 0x%x, which the host has not made private (EPT violation)"
                    .formatted(pa));
        }
        if (accepted.get(page)) {
            return PAGE_ALREADY_ACCEPTED;
        }
        accepted.set(page);
        return 0;
    }

    /**
     * {@inheritDoc}
     *
     * <p>An entry for private RAM with the shared bit has no effect: it comes before the call that the host refuses, and
     * silicon too would answer the next access only, which this machine does not see.
     */
    @Override
    public void mapPages(long basePa, long length, long addressBits) {
        WindowPages.checkPages(basePa, length);
        if ((addressBits & ~SHARED_BIT) != 0) {
            throw fault.stop(
                    "page-table entries with address bits 0x%x: only the shared bit %d exists (#PF, reserved bit)"
                            .formatted(addressBits, ADDRESS_WIDTH - 1));
        }
        mappedShared.map(basePa, length, addressBits == 0 ? PageMapping.PageBit.CLEAR : PageMapping.PageBit.SET);
    }

    @Override
    public boolean shared(long pa) {
        return window.contains(pa, 1) && convertedToShared.get(window.index(pa));
    }
}
