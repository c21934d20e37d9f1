package dev.postern.emulated.platform;

import dev.postern.machine.CpuFacts;
import java.util.OptionalLong;

/** A 64-bit Arm CPU, which has nothing to say of its platform: a guest asks the firmware beneath it. */
final class ArmFacts implements CpuFacts {

    @Override
    public Architecture architecture() {
        return Architecture.AARCH64;
    }

    @Override
    public Cpuid cpuid(int leaf, int subleaf) {
        return Cpuid.NONE;
    }

    @Override
    public OptionalLong register(int number) {
        return OptionalLong.empty();
    }
}
