package dev.postern.emulated.platform;

import dev.postern.machine.CpuFacts;
import java.util.OptionalLong;

/** A POWER CPU in a secure virtual machine. */
final class PowerFacts implements CpuFacts {

    /** 64-bit mode, machine check, translation on, recoverable; no privilege of a hypervisor (Power ISA, Book III, Machine State Register). */
    private static final long USUAL = 1L << 63 | 1 << 12 | 1 << 5 | 1 << 4 | 1 << 1;

    /** MSR(S), bit 41 counted from the left (Linux Documentation/arch/powerpc/ultravisor.rst, Hardware). */
    private static final long SECURE = 1 << 22;

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
        return number == 0 ? OptionalLong.of(USUAL | SECURE) : OptionalLong.empty();
    }
}
