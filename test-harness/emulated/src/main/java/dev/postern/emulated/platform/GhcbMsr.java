package dev.postern.emulated.platform;

import dev.postern.machine.CpuFacts;

/**
 * The hypervisor's end of the GHCB MSR protocol, as far as SEV-ES and SEV-SNP have it in common: version and C-bit, CPUID,
 * features, termination (GHCB specification 2.0, MSR protocol; Linux arch/x86/include/asm/sev-common.h for the numbers).
 */
final class GhcbMsr {

    private static final long INFO_BITS = 0xfff;

    private static final int SEV_INFO_RESPONSE = 0x001;
    private static final int SEV_INFO_REQUEST = 0x002;
    private static final int CPUID_REQUEST = 0x004;
    private static final int CPUID_RESPONSE = 0x005;
    private static final int FEATURES_REQUEST = 0x080;
    private static final int FEATURES_RESPONSE = 0x081;
    private static final int TERMINATION_REQUEST = 0x100;

    private final CpuFacts facts;
    private final int cBit;
    private final long features;
    private final PlatformErrors errors;

    /**
     * One guest's hypervisor.
     *
     * @param facts what it answers to CPUID requests
     * @param cBit the number of the C-bit
     * @param features the bitmap of hypervisor features
     */
    GhcbMsr(CpuFacts facts, int cBit, long features, PlatformErrors errors) {
        this.facts = facts;
        this.cBit = cBit;
        this.features = features;
        this.errors = errors;
    }

    /** The answer to one request; a request that the protocol does not know ends the guest, as on KVM. */
    long serve(long request) {
        return switch ((int) (request & INFO_BITS)) {
            case SEV_INFO_REQUEST -> info();
            case CPUID_REQUEST -> cpuid(request);
            case FEATURES_REQUEST -> features << 12 | FEATURES_RESPONSE;
            case TERMINATION_REQUEST ->
                throw errors.stopped("the guest asked to be terminated: reason set %d, code %d"
                        .formatted(request >>> 12 & 0xf, request >>> 16 & 0xff));
            default ->
                throw errors.fatal(
                        "ghcb-msr", "VMGEXIT with 0x%x, which the MSR protocol does not know".formatted(request));
        };
    }

    /** Versions 1 to 2 of the protocol, and the C-bit. */
    long info() {
        return 2L << 48 | 1L << 32 | (long) cBit << 24 | SEV_INFO_RESPONSE;
    }

    private long cpuid(long request) {
        CpuFacts.Cpuid leaf = facts.cpuid((int) (request >>> 32), 0);
        int register = (int) (request >>> 30) & 3;
        long value = switch (register) {
            case 0 -> leaf.eax();
            case 1 -> leaf.ebx();
            case 2 -> leaf.ecx();
            default -> leaf.edx();
        };
        return value << 32 | (long) register << 30 | CPUID_RESPONSE;
    }
}
