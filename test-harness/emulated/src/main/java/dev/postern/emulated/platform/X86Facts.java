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

    /** The bit of a guest-physical address that marks a private page on this SEV-ES or SEV-SNP machine. */
    static final int C_BIT = 51;

    /** The same on this SEV machine, as on the first processors that had SEV: a guest must ask, not know. */
    static final int SEV_C_BIT = 47;

    /** The width of guest-physical addresses on this TDX machine; the highest bit marks a shared page. */
    static final int GPA_WIDTH = 52;

    /** The number of the bit above which this Hyper-V guest finds its shared pages. */
    static final int SHARED_GPA_BOUNDARY_BITS = 46;

    /** Machine frames of a paravirtualised guest are below this width. */
    private static final int MACHINE_ADDRESS_BITS = 44;

    private static final int HYPERVISOR = 0x4000_0000;
    private static final int EXTENDED = 0x8000_0000;
    private static final int ENCRYPTED_MEMORY = 0x8000_001f;
    private static final int TDX = 0x21;
    private static final int SEV_STATUS = 0xc001_0131;

    /** AMD64 APM volume 3, E.4.17: features in EAX of the leaf for encrypted memory. */
    private static final int SEV = 1 << 1;

    private static final int SEV_ES = 1 << 3;
    private static final int SEV_SNP = 1 << 4;

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
        return amd(SEV | SEV_ES | SEV_SNP, 0b111, C_BIT, 52);
    }

    /** A CPU in a guest of the first SEV: its registers are the hypervisor's to see, its memory is not. */
    static X86Facts sev() {
        return amd(SEV, 0b001, SEV_C_BIT, 48);
    }

    /** A CPU in an SEV-ES guest: its registers are encrypted too. */
    static X86Facts sevEs() {
        return amd(SEV | SEV_ES, 0b011, C_BIT, 52);
    }

    /** The status register has SEV, SEV-ES and SEV-SNP in its bits 0, 1 and 2 (AMD64 APM volume 2, 15.34.10). */
    private static X86Facts amd(int features, long enabled, int cBit, int addressBits) {
        X86Facts facts = new X86Facts("AuthenticAMD", 0x10, ENCRYPTED_MEMORY, addressBits, Map.of(SEV_STATUS, enabled));
        facts.leaves.put(ENCRYPTED_MEMORY, new Cpuid(features, cBit | 1 << 6, 0, 0));
        return facts;
    }

    /** A CPU in a trust domain: leaf 0x21 names it (TDX module base specification, CPUID virtualization). */
    static X86Facts tdx() {
        X86Facts facts = new X86Facts("GenuineIntel", 0x23, EXTENDED + 8, GPA_WIDTH, Map.of());
        int[] name = words("IntelTDX    ");
        facts.leaves.put(TDX, new Cpuid(0, name[0], name[2], name[1]));
        return facts;
    }

    /**
     * A CPU in a Hyper-V guest that is isolated by SEV-SNP beneath a paravisor. By design it does not see the leaf and the register
     * of SEV (Linux arch/x86/hyperv/ivm.c, hv_vtom_init). Leaf 0x40000003 has the privilege of isolation in EBX bit 22; leaf
     * 0x4000000C the paravisor in EAX bit 0, and in EBX the type of isolation (2: SNP), bit 5 for an active boundary, and its
     * bit's number from bit 6 on (Linux include/asm-generic/mshyperv.h, struct ms_hyperv_info).
     */
    static X86Facts hypervVtom() {
        X86Facts facts = new X86Facts("AuthenticAMD", 0x10, EXTENDED + 8, 48, Map.of());
        int[] name = words("Microsoft Hv");
        facts.leaves.put(HYPERVISOR, new Cpuid(HYPERVISOR + 0xc, name[0], name[1], name[2]));
        // "Hv#1", the interface.
        facts.leaves.put(HYPERVISOR + 1, new Cpuid(0x3123_7648, 0, 0, 0));
        // Hypercall registers and the index of the virtual processor.
        facts.leaves.put(HYPERVISOR + 3, new Cpuid(1 << 5 | 1 << 6, 1 << 22, 0, 0));
        facts.leaves.put(HYPERVISOR + 0xc, new Cpuid(1, 2 | 1 << 5 | SHARED_GPA_BOUNDARY_BITS << 6, 0, 0));
        return facts;
    }

    /** A CPU in an ordinary Xen guest; leaf 0x40000004 has the virtual processor, 0, and the domain. */
    static X86Facts xenHvm(XenDomain domain) {
        X86Facts facts = xen();
        facts.leaves.put(HYPERVISOR + 4, new Cpuid(1 << 3 | 1 << 4, 0, domain.id(), 0));
        return facts;
    }

    /** A CPU in a paravirtualised Xen guest; leaf 0x40000005 has the width of machine addresses. */
    static X86Facts xenPv() {
        X86Facts facts = xen();
        facts.leaves.put(HYPERVISOR + 5, new Cpuid(0, MACHINE_ADDRESS_BITS, 0, 0));
        return facts;
    }

    /**
     * Leaves 0x40000000 to 0x40000002: signature, version 4.19, one hypercall page and where the registers of Xen begin (Xen
     * public/arch-x86/cpuid.h).
     */
    private static X86Facts xen() {
        X86Facts facts = plain();
        int[] name = words("XenVMMXenVMM");
        facts.leaves.put(HYPERVISOR, new Cpuid(HYPERVISOR + 5, name[0], name[1], name[2]));
        facts.leaves.put(HYPERVISOR + 1, new Cpuid(4 << 16 | 19, 0, 0, 0));
        facts.leaves.put(HYPERVISOR + 2, new Cpuid(1, HYPERVISOR, 0, 0));
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
