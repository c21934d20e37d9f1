package dev.postern.platform;

import dev.postern.machine.CpuFacts;
import dev.postern.machine.CpuFacts.Cpuid;
import dev.postern.machine.PrivilegedActs.Instruction;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * x86-64: the signature of TDX, the isolation that Hyper-V announces, and AMD's memory encryption, of which CPUID says what could be and
 * the status register what is on (Linux, arch/x86/coco/tdx/tdx.c, tdx_early_init; arch/x86/kernel/cpu/mshyperv.c,
 * ms_hyperv_init_platform; arch/x86/hyperv/ivm.c, hv_vtom_init; arch/x86/mm/mem_encrypt_identity.c, sme_enable).
 */
final class X86Detection {

    private static final int TDX_LEAF = 0x21;
    private static final String TDX_SIGNATURE = "IntelTDX    ";
    private static final long TDX_VP_INFO = 1;
    private static final int RCX = 1;

    private static final int HYPERVISOR_LEAF = 0x40000000;
    private static final String HYPERV_SIGNATURE = "Microsoft Hv";
    private static final int HYPERV_PRIVILEGES_LEAF = 0x40000003;
    private static final int HYPERV_ISOLATION = 1 << 22;
    private static final int HYPERV_ISOLATION_LEAF = 0x4000000c;
    private static final int PARAVISOR = 1;
    private static final int ISOLATION_TYPE = 0xf;
    private static final int ISOLATION_NONE = 0;
    private static final int ISOLATION_VBS = 1;
    private static final int ISOLATION_TDX = 3;
    private static final int BOUNDARY_ACTIVE = 1 << 5;
    private static final int BOUNDARY_SHIFT = 6;
    private static final int BIT_NUMBER = 0x3f;

    private static final int AMD_HIGHEST_LEAF = 0x80000000;
    private static final int AMD_ENCRYPTION_LEAF = 0x8000001f;
    private static final int AMD_SEV = 1 << 1;
    private static final int SEV_STATUS = 0xc0010131;
    private static final long STATUS_SEV = 1;
    private static final long STATUS_ES = 1 << 1;
    private static final long STATUS_SNP = 1 << 2;
    private static final long STATUS_VTOM = 1 << 3;

    private final RawFacts facts;
    private final CpuFacts cpu;

    private X86Detection(RawFacts facts) {
        this.facts = facts;
        this.cpu = facts.cpu();
    }

    static Optional<SecurePlatform> detect(RawFacts facts) throws UnknownPlatformException {
        return new X86Detection(facts).detect();
    }

    private Optional<SecurePlatform> detect() throws UnknownPlatformException {
        boolean tdx = tdxSignature();
        Optional<SecurePlatform> isolated = hyperV(tdx);
        if (isolated.isPresent()) {
            return isolated;
        }
        return tdx ? Optional.of(tdx()) : amd();
    }

    private boolean tdxSignature() {
        Cpuid highest = cpu.cpuid(0, 0);
        if (Integer.compareUnsigned(highest.eax(), TDX_LEAF) < 0) {
            facts.note("no TDX leaf", "CPUID 0 EAX 0x%x".formatted(highest.eax()));
            return false;
        }
        Cpuid leaf = cpu.cpuid(TDX_LEAF, 0);
        boolean tdx = CpuSignature.of(leaf.ebx(), leaf.edx(), leaf.ecx()).equals(TDX_SIGNATURE);
        facts.note(tdx ? "a TDX guest" : "not a TDX guest", "CPUID 0x21 EBX, EDX, ECX");
        return tdx;
    }

    private SecurePlatform tdx() throws UnknownPlatformException {
        long[] info = facts.acts().execute(Instruction.TDCALL, TDX_VP_INFO);
        int width = (int) (info[RCX] & BIT_NUMBER);
        if (info[0] != 0 || width != 48 && width != 52) {
            throw new UnknownPlatformException(
                    "TDG.VP.INFO says an address width of %d, status 0x%x; 48 or 52 is possible"
                            .formatted(width, info[0]));
        }
        facts.note(
                "guest-physical addresses have %d bits, the highest is the shared bit".formatted(width),
                "TDG.VP.INFO RCX");
        return new SecurePlatform("tdx", new TdxPageSharing(facts.acts(), width, facts.shareable()));
    }

    /**
     * A guest with a paravisor does not see the mechanism beneath: whoever shows it one beside the boundary contradicts himself. Without
     * a paravisor it drives SEV-SNP or TDX by itself, as anywhere.
     */
    private Optional<SecurePlatform> hyperV(boolean tdx) throws UnknownPlatformException {
        Cpuid hypervisor = cpu.cpuid(HYPERVISOR_LEAF, 0);
        if (!CpuSignature.of(hypervisor.ebx(), hypervisor.ecx(), hypervisor.edx())
                .equals(HYPERV_SIGNATURE)) {
            facts.note("not a guest of Hyper-V", "CPUID 0x40000000 EBX, ECX, EDX");
            return Optional.empty();
        }
        Cpuid privileges = cpu.cpuid(HYPERV_PRIVILEGES_LEAF, 0);
        if ((privileges.ebx() & HYPERV_ISOLATION) == 0
                || Integer.compareUnsigned(hypervisor.eax(), HYPERV_ISOLATION_LEAF) < 0) {
            facts.note(
                    "Hyper-V does not isolate the guest",
                    "CPUID 0x40000003 EBX 0x%x, highest leaf 0x%x".formatted(privileges.ebx(), hypervisor.eax()));
            return Optional.empty();
        }
        Cpuid isolation = cpu.cpuid(HYPERV_ISOLATION_LEAF, 0);
        int type = isolation.ebx() & ISOLATION_TYPE;
        String where = "CPUID 0x4000000c EAX 0x%x, EBX 0x%x".formatted(isolation.eax(), isolation.ebx());
        boolean paravisor = (isolation.eax() & PARAVISOR) != 0;
        if (type == ISOLATION_NONE || type != ISOLATION_VBS && type <= ISOLATION_TDX && !paravisor) {
            facts.note("Hyper-V isolates by type %d without a paravisor".formatted(type), where);
            return Optional.empty();
        }
        if (type > ISOLATION_TDX || (isolation.ebx() & BOUNDARY_ACTIVE) == 0) {
            throw new UnknownPlatformException(
                    "Hyper-V isolates the guest by type %d, boundary %s (%s): this guest can share pages only by an active boundary, types 1 to 3"
                            .formatted(
                                    type, (isolation.ebx() & BOUNDARY_ACTIVE) == 0 ? "not active" : "active", where));
        }
        refuseSecondMechanism(tdx, where);
        int bit = facts.addressBit(isolation.ebx() >> BOUNDARY_SHIFT & BIT_NUMBER, where);
        facts.note("Hyper-V isolates by type %d, shared memory lies at address bit %d".formatted(type, bit), where);
        return Optional.of(
                new SecurePlatform("hyperv-vtom", new VtomPageSharing(facts.acts(), bit, facts.shareable())));
    }

    private void refuseSecondMechanism(boolean tdx, String where) throws UnknownPlatformException {
        OptionalLong status = cpu.register(SEV_STATUS);
        boolean cBit =
                status.isPresent() && (status.getAsLong() & STATUS_SEV) != 0 && (status.getAsLong() & STATUS_VTOM) == 0;
        if (tdx || cBit) {
            throw new UnknownPlatformException(
                    "Hyper-V's boundary (%s) and %s are both on: a guest has one of them; show it only the one that holds"
                            .formatted(
                                    where,
                                    tdx
                                            ? "TDX (CPUID 0x21)"
                                            : "SEV's C-bit (register 0xc0010131 " + text(status) + ")"));
        }
    }

    private Optional<SecurePlatform> amd() throws UnknownPlatformException {
        Cpuid highest = cpu.cpuid(AMD_HIGHEST_LEAF, 0);
        if (Integer.compareUnsigned(highest.eax(), AMD_ENCRYPTION_LEAF) < 0) {
            facts.note("no AMD memory encryption leaf", "CPUID 0x80000000 EAX 0x%x".formatted(highest.eax()));
            return Optional.empty();
        }
        Cpuid encryption = cpu.cpuid(AMD_ENCRYPTION_LEAF, 0);
        OptionalLong status = cpu.register(SEV_STATUS);
        long on = status.orElse(0);
        if ((encryption.eax() & AMD_SEV) == 0) {
            if ((on & (STATUS_SEV | STATUS_ES | STATUS_SNP)) != 0) {
                throw contradiction("CPUID 0x8000001f EAX 0x%x has no SEV".formatted(encryption.eax()), status);
            }
            facts.note("SEV is not there", "CPUID 0x8000001f EAX 0x%x".formatted(encryption.eax()));
            return Optional.empty();
        }
        if ((on & STATUS_SEV) == 0) {
            if ((on & (STATUS_ES | STATUS_SNP)) != 0) {
                throw contradiction("SEV is off, but not what builds on it", status);
            }
            facts.note("SEV is not on", "register 0xc0010131 " + text(status));
            return Optional.empty();
        }
        if ((on & STATUS_SNP) != 0 && (on & STATUS_ES) == 0) {
            throw contradiction("SEV-SNP is on without SEV-ES, on which it builds", status);
        }
        if ((on & STATUS_VTOM) != 0) {
            throw contradiction("a virtual top of memory is on, but no Hyper-V that says where", status);
        }
        int cBit = facts.addressBit(encryption.ebx() & BIT_NUMBER, "C-bit, CPUID 0x8000001f EBX");
        facts.note("SEV is on, C-bit %d".formatted(cBit), "CPUID 0x8000001f, register 0xc0010131 " + text(status));
        if ((on & STATUS_SNP) != 0) {
            facts.note("SEV-SNP is on", "register 0xc0010131 bit 2");
            return Optional.of(
                    new SecurePlatform("sev-snp", new SnpPageSharing(facts.acts(), cBit, facts.shareable())));
        }
        boolean es = (on & STATUS_ES) != 0;
        facts.note(es ? "SEV-ES is on, SEV-SNP is not" : "SEV-ES is not on", "register 0xc0010131 bits 1 and 2");
        return Optional.of(
                new SecurePlatform(es ? "sev-es" : "sev", new CBitPageSharing(facts.acts(), cBit, facts.shareable())));
    }

    private static UnknownPlatformException contradiction(String what, OptionalLong status) {
        return new UnknownPlatformException(
                "%s (register 0xc0010131 %s): the facts contradict each other; start the guest with a CPU model that agrees with its host"
                        .formatted(what, text(status)));
    }

    private static String text(OptionalLong value) {
        return value.isEmpty() ? "absent" : "0x%x".formatted(value.getAsLong());
    }
}
