package dev.postern.machine;

import java.util.OptionalLong;

/**
 * What the CPU says of itself, raw: the guest draws the conclusions. Reading has no effect. Values do not change while the
 * machine runs, except where an architecture says so.
 */
public interface CpuFacts {

    /** Instruction sets that a guest may find itself on. */
    enum Architecture {
        /** x86-64. */
        X86_64,
        /** 64-bit POWER. */
        PPC64,
        /** 64-bit Arm. */
        AARCH64,
        /** 64-bit RISC-V. */
        RISCV64,
        /** IBM Z. */
        S390X
    }

    /** The instruction set. */
    Architecture architecture();

    /** The x86 CPUID instruction; all zero for a leaf that does not exist, and on other architectures. */
    Cpuid cpuid(int leaf, int subleaf);

    /**
     * A special register by its number: an x86 model-specific register; on POWER the machine state register is number 0.
     *
     * @return empty when reading it would fault
     */
    OptionalLong register(int number);

    /** Whether the IBM Z facility of this number is installed; false on other architectures. */
    default boolean facility(int number) {
        return false;
    }

    /**
     * What CPUID answers.
     *
     * @param eax register EAX
     * @param ebx register EBX
     * @param ecx register ECX
     * @param edx register EDX
     */
    record Cpuid(int eax, int ebx, int ecx, int edx) {
        /** The answer for a leaf that does not exist. */
        public static final Cpuid NONE = new Cpuid(0, 0, 0, 0);
    }
}
