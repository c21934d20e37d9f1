package dev.postern.attach;

import static dev.postern.attach.SecureCpu.operand;

import java.util.BitSet;
import java.util.OptionalLong;

/**
 * The CPU of a secure guest on POWER, and the ultravisor beneath it.
 *
 * <p>Facts: bit 22 of the machine state register counted from the lowest (MSR[S]). Calls after Linux,
 * Documentation/arch/powerpc/ultravisor.rst and arch/powerpc/include/asm/hvcall.h: a first page that is wrong is answered
 * with U_PARAMETER, a number of pages that is wrong with U_P2, an unknown call with U_FUNCTION. Pages are of 64 KiB, and
 * at the start none is shared. Sharing what is shared already, and its reverse, succeed and change nothing.
 */
final class UltravisorCpu implements SecureCpu {

    private static final int MACHINE_STATE = 0;
    private static final long STATE_SECURE = 1L << 22;

    private static final long PAGE = 64 * 1024;

    private static final long SHARE_PAGE = 0xf130;
    private static final long UNSHARE_PAGE = 0xf134;

    private static final long U_SUCCESS = 0;
    private static final long U_FUNCTION = -2;
    private static final long U_PARAMETER = -4;
    private static final long U_P2 = -55;

    private final WindowPages window;
    private final FatalFault fault;
    private final BitSet sharedPages = new BitSet();

    UltravisorCpu(WindowPages window, FatalFault fault) {
        this.window = window;
        this.fault = fault;
    }

    @Override
    public Architecture architecture() {
        return Architecture.PPC64;
    }

    @Override
    public Cpuid cpuid(int leaf, int subleaf) {
        return Cpuid.NONE;
    }

    @Override
    public OptionalLong register(int number) {
        return number == MACHINE_STATE ? OptionalLong.of(STATE_SECURE) : OptionalLong.empty();
    }

    @Override
    public long[] execute(Instruction instruction, long... operands) {
        if (instruction != Instruction.ULTRAVISOR_CALL) {
            throw fault.stop("%s is no instruction of POWER (illegal instruction)".formatted(instruction));
        }
        long call = operand(operands, 0);
        long answer = call == SHARE_PAGE || call == UNSHARE_PAGE
                ? change(operand(operands, 1), operand(operands, 2), call)
                : U_FUNCTION;
        return new long[] {answer, 0, 0, 0, 0};
    }

    private long change(long firstPage, long pages, long call) {
        if (firstPage < 0 || firstPage > Long.MAX_VALUE / PAGE || !window.contains(firstPage * PAGE, PAGE)) {
            return U_PARAMETER;
        }
        if (pages <= 0 || pages > Long.MAX_VALUE / PAGE || !window.contains(firstPage * PAGE, pages * PAGE)) {
            return U_P2;
        }
        for (long page = firstPage; page < firstPage + pages; page++) {
            if (sharedPages.get((int) page) != (call == SHARE_PAGE)) {
                sharedPages.flip((int) page);
                for (long pa = page * PAGE; pa < (page + 1) * PAGE; pa += WindowPages.PAGE) {
                    window.scramble(pa);
                }
            }
        }
        return U_SUCCESS;
    }

    /** No address bit has a meaning here, and the pages are mapped already. */
    @Override
    public void mapPages(long basePa, long length, long addressBits) {
        WindowPages.checkPages(basePa, length);
        if (addressBits != 0) {
            throw fault.stop("page-table entries with address bits 0x%x: POWER has none (data storage interrupt)"
                    .formatted(addressBits));
        }
    }

    @Override
    public boolean shared(long pa) {
        return window.contains(pa, 1) && sharedPages.get((int) (pa / PAGE));
    }
}
