package dev.postern.emulated.platform;

import dev.postern.machine.CpuFacts;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/** What an x86-64 CPU says of itself: the CPUID leaves that matter to a guest's choice of platform, and registers. */
final class X86Facts implements CpuFacts {

    /** The bit of a guest-physical address that marks a private page on this SEV-SNP machine. */
    static final int C_BIT = 51;

    /** The width of guest-physical addresses on this TDX machine; the highest bit marks a shared page. */
    static final int GPA_WIDTH = 52;

    private static final int EXTENDED = 0x8000_0000;
    private static final int ENCRYPTED_MEMORY = 0x8000_001f;
    private static final int TDX = 0x21;
    private static final int SEV_STATUS = 0xc001_0131;

    /** AMD64 APM volume 3, E.4.17: SEV, SEV-ES and SEV-SNP are bits 1, 3 and 4. */
    private static final int SEV_FEATURES = 1 << 1 | 1 << 3 | 1 << 4;

    /** AMD64 APM volume 2, 15.34.10: SEV, SEV-ES and SEV-SNP are enabled. */
    private static final long SEV_ENABLED = 0b111;

    /** Floating point, TSC, MSR, PAE, CX8, APIC, CMOV, MMX, FXSR, SSE, SSE2. */
    private static final int BASIC_FEATURES = 0x0780_8331;

    private static final int RUNS_UNDER_HYPERVISOR = 1 << 31;

    /** Long mode and no-execute. */
    private static final int EXTENDED_FEATURES = 1 << 29 | 1 << 20;

    private final Map<Integer, Cpuid> leaves = new HashMap<>();
    private final Map<Integer, Long> registers;

    private X86Facts(
            String vendor, int highestLeaf, int highestExtendedLeaf, int addressBits, Map<Integer, Long> registers) {
        this.registers = registers;
        int[] name = words(vendor);
        leaves.put(0, new Cpuid(highestLeaf, name[0], name[2], name[1]));
        leaves.put(1, new Cpuid(0x0006_0f01, 0, RUNS_UNDER_HYPERVISOR, BASIC_FEATURES));
        leaves.put(EXTENDED, new Cpuid(highestExtendedLeaf, 0, 0, 0));
        leaves.put(EXTENDED + 1, new Cpuid(0, 0, 0, EXTENDED_FEATURES));
        leaves.put(EXTENDED + 8, new Cpuid(48 << 8 | addressBits, 0, 0, 0));
    }

    private static int[] words(String twelve) {
        ByteBuffer bytes =
                ByteBuffer.wrap(twelve.getBytes(StandardCharsets.US_ASCII)).order(ByteOrder.LITTLE_ENDIAN);
        return new int[] {bytes.getInt(0), bytes.getInt(4), bytes.getInt(8)};
    }

    /** A CPU without memory encryption. */
    static X86Facts plain() {
        return new X86Facts("GenuineIntel", 0x16, EXTENDED + 8, 46, Map.of());
    }

    /** A CPU in an SEV-SNP guest: the C-bit costs one address bit, as QEMU's {@code reduced-phys-bits=1} says. */
    static X86Facts sevSnp() {
        X86Facts facts = new X86Facts("AuthenticAMD", 0x10, ENCRYPTED_MEMORY, 52, Map.of(SEV_STATUS, SEV_ENABLED));
        facts.leaves.put(ENCRYPTED_MEMORY, new Cpuid(SEV_FEATURES, C_BIT | 1 << 6, 0, 0));
        return facts;
    }

    /** A CPU in a trust domain: leaf 0x21 names it (TDX module base specification, CPUID virtualization). */
    static X86Facts tdx() {
        X86Facts facts = new X86Facts("GenuineIntel", 0x23, EXTENDED + 8, GPA_WIDTH, Map.of());
        int[] name = words("IntelTDX    ");
        facts.leaves.put(TDX, new Cpuid(0, name[0], name[2], name[1]));
        return facts;
    }

    @Override
    public Architecture architecture() {
        return Architecture.X86_64;
    }

    @Override
    public Cpuid cpuid(int leaf, int subleaf) {
        return leaves.getOrDefault(leaf, Cpuid.NONE);
    }

    @Override
    public OptionalLong register(int number) {
        Long value = registers.get(number);
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }
}
