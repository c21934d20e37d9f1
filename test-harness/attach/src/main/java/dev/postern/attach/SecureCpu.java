package dev.postern.attach;

import dev.postern.machine.CpuFacts;
import dev.postern.machine.PrivilegedActs;

/**
 * The CPU of a secure guest: what it says of itself, and what it can do beneath the guest. Pages change their state
 * inside the window only; private RAM is private for ever. As for every pin, one thread at a time uses it.
 */
sealed interface SecureCpu extends CpuFacts, PrivilegedActs permits SnpCpu, TdxCpu, UltravisorCpu {

    /**
     * The CPU of a platform.
     *
     * @param platform a secure one
     */
    static SecureCpu of(SecurePlatform platform, GuestMemory memory, FatalFault fault) {
        WindowPages window = new WindowPages(memory);
        return switch (platform) {
            case SEV_SNP -> new SnpCpu(window, fault);
            case TDX -> new TdxCpu(window, fault);
            case PSERIES_SVM -> new UltravisorCpu(window, fault);
            case PLAIN -> throw new IllegalArgumentException("a plain platform has no secure CPU");
        };
    }

    /** Whether silicon would let the host read the page of this address now. */
    boolean shared(long pa);

    /** The operand at an index, 0 when it was left out. */
    static long operand(long[] operands, int index) {
        return index < operands.length ? operands[index] : 0;
    }
}
