package dev.postern.platform;

import dev.postern.facts.Fact;
import dev.postern.machine.CpuFacts;
import dev.postern.machine.CpuFacts.Cpuid;
import dev.postern.machine.Machine;
import dev.postern.machine.PrivilegedActs;
import dev.postern.machine.PrivilegedActs.Instruction;
import dev.postern.memory.PhysRange;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Finds out on which secure platform the guest runs, by the raw facts that kernels read. A fact that is absent means "no"; a
 * contradiction is refused, since a guess would leak memory.
 */
public final class PlatformDetection {

    private static final int AMD_HIGHEST_LEAF = 0x80000000;
    private static final int AMD_ENCRYPTION_LEAF = 0x8000001f;
    private static final int AMD_SEV = 1 << 1;
    private static final int SEV_STATUS = 0xc0010131;
    private static final long STATUS_SEV = 1;
    private static final long STATUS_SNP = 1 << 2;

    private static final int TDX_LEAF = 0x21;
    private static final String TDX_SIGNATURE = "IntelTDX    ";
    private static final long TDX_VP_INFO = 1;
    private static final int RCX = 1;

    private static final int MACHINE_STATE = 0;
    private static final long STATE_SECURE = 1L << 22;

    private final PrivilegedActs acts;
    private final CpuFacts cpu;
    private final List<PhysRange> shareable;
    private final List<Fact<String>> trace = new ArrayList<>();

    private PlatformDetection(CpuFacts cpu, PrivilegedActs acts, List<PhysRange> shareable) {
        this.cpu = cpu;
        this.acts = acts;
        this.shareable = shareable;
    }

    /**
     * Detects the platform.
     *
     * @throws UnknownPlatformException when the facts name a secure platform that this guest cannot drive, or contradict each other
     */
    public static DetectedPlatform detect(Machine machine) throws UnknownPlatformException {
        if (machine.cpuFacts().isEmpty() || machine.privilegedActs().isEmpty()) {
            return new DetectedPlatform(
                    "plain", List.of(Fact.of("nothing to ask", "the machine has no CPU facts")), Optional.empty());
        }
        PlatformDetection detection = new PlatformDetection(
                machine.cpuFacts().get(),
                machine.privilegedActs().get(),
                machine.shareableRam().stream()
                        .map(region -> new PhysRange(region.basePa(), region.size()))
                        .toList());
        return switch (detection.cpu.architecture()) {
            case X86_64 -> detection.onX86();
            case PPC64 -> detection.onPower();
            case AARCH64, RISCV64, S390X -> detection.plain();
        };
    }

    private DetectedPlatform plain() {
        return new DetectedPlatform("plain", trace, Optional.empty());
    }

    private DetectedPlatform found(String name, PageSharing sharing) {
        return new DetectedPlatform(name, trace, Optional.of(sharing));
    }

    /** TDX first: its leaf is a signature. Then AMD: a capability in CPUID, and what is on in the status register. */
    private DetectedPlatform onX86() throws UnknownPlatformException {
        if (tdxSignature()) {
            return tdx();
        }
        Cpuid highest = cpu.cpuid(AMD_HIGHEST_LEAF, 0);
        if (Integer.compareUnsigned(highest.eax(), AMD_ENCRYPTION_LEAF) < 0) {
            note("no AMD memory encryption leaf", "CPUID 0x80000000 EAX 0x%x".formatted(highest.eax()));
            return plain();
        }
        Cpuid encryption = cpu.cpuid(AMD_ENCRYPTION_LEAF, 0);
        if ((encryption.eax() & AMD_SEV) == 0) {
            note("SEV is not there", "CPUID 0x8000001f EAX 0x%x".formatted(encryption.eax()));
            return plain();
        }
        OptionalLong status = cpu.register(SEV_STATUS);
        if (status.isEmpty() || (status.getAsLong() & STATUS_SEV) == 0) {
            note("SEV is not on", "register 0xc0010131 " + text(status));
            return plain();
        }
        int cBit = encryption.ebx() & 0x3f;
        note("SEV is on, C-bit %d".formatted(cBit), "CPUID 0x8000001f, register 0xc0010131 " + text(status));
        if ((status.getAsLong() & STATUS_SNP) == 0) {
            throw new UnknownPlatformException(
                    "SEV without SNP (register 0xc0010131 %s): this guest cannot share pages there yet"
                            .formatted(text(status)));
        }
        note("SEV-SNP is on", "register 0xc0010131 bit 2");
        return found("sev-snp", new SnpPageSharing(acts, cBit, shareable));
    }

    private boolean tdxSignature() {
        Cpuid highest = cpu.cpuid(0, 0);
        if (Integer.compareUnsigned(highest.eax(), TDX_LEAF) < 0) {
            note("no TDX leaf", "CPUID 0 EAX 0x%x".formatted(highest.eax()));
            return false;
        }
        Cpuid leaf = cpu.cpuid(TDX_LEAF, 0);
        byte[] text = ByteBuffer.allocate(12)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(leaf.ebx())
                .putInt(leaf.edx())
                .putInt(leaf.ecx())
                .array();
        boolean tdx = new String(text, StandardCharsets.ISO_8859_1).equals(TDX_SIGNATURE);
        note(tdx ? "a TDX guest" : "not a TDX guest", "CPUID 0x21 EBX, EDX, ECX");
        return tdx;
    }

    private DetectedPlatform tdx() throws UnknownPlatformException {
        long[] info = acts.execute(Instruction.TDCALL, TDX_VP_INFO);
        int width = (int) (info[RCX] & 0x3f);
        if (info[0] != 0 || width != 48 && width != 52) {
            throw new UnknownPlatformException(
                    "TDG.VP.INFO says an address width of %d, status 0x%x; 48 or 52 is possible"
                            .formatted(width, info[0]));
        }
        note(
                "guest-physical addresses have %d bits, the highest is the shared bit".formatted(width),
                "TDG.VP.INFO RCX");
        return found("tdx", new TdxPageSharing(acts, width, shareable));
    }

    private DetectedPlatform onPower() {
        OptionalLong state = cpu.register(MACHINE_STATE);
        boolean secure = state.isPresent() && (state.getAsLong() & STATE_SECURE) != 0;
        note(secure ? "a secure guest" : "not a secure guest", "MSR[S], machine state register " + text(state));
        return secure ? found("pseries-svm", new UltravisorPageSharing(acts, shareable)) : plain();
    }

    private void note(String what, String where) {
        trace.add(Fact.of(what, where));
    }

    private static String text(OptionalLong value) {
        return value.isEmpty() ? "absent" : "0x%x".formatted(value.getAsLong());
    }
}
