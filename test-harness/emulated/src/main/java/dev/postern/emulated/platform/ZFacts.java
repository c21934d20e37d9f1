package dev.postern.emulated.platform;

import dev.postern.machine.CpuFacts;
import java.util.OptionalLong;

/** An IBM Z CPU in a protected virtual machine. */
final class ZFacts implements CpuFacts {

    /** The ultravisor-call facility (Linux arch/s390/boot/uv.c). */
    private static final int ULTRAVISOR_CALL = 158;

    @Override
    public Architecture architecture() {
        return Architecture.S390X;
    }

    @Override
    public Cpuid cpuid(int leaf, int subleaf) {
        return Cpuid.NONE;
    }

    @Override
    public OptionalLong register(int number) {
        return OptionalLong.empty();
    }

    @Override
    public boolean facility(int number) {
        return number == ULTRAVISOR_CALL;
    }
}
