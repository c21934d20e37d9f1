package dev.postern.emulated;

import java.util.Arrays;
import java.util.stream.Collectors;

/** What surrounds the guest: nothing special, or a platform that keeps the guest's memory from the host. */
public enum Platform {

    /** An ordinary x86-64: every page is in reach of every device. */
    PLAIN("plain"),

    /** The first AMD SEV: C-bit in the page tables and nothing else; devices corrupt private memory. */
    SEV("sev"),

    /** AMD SEV-ES: SEV, and the GHCB MSR protocol. */
    SEV_ES("sev-es"),

    /** AMD SEV-SNP: C-bit in the page tables, PVALIDATE, page state changes by the GHCB MSR protocol. */
    SEV_SNP("sev-snp"),

    /** Intel TDX: shared bit in the guest-physical address, MapGPA, TDG.MEM.PAGE.ACCEPT. */
    TDX("tdx"),

    /** POWER secure virtual machine under the Protected Execution Facility: ultravisor calls, pages of 64 KiB. */
    PSERIES_SVM("pseries-svm"),

    /** Arm CCA realm: realm services by SMC; devices use addresses with the top bit set. */
    CCA("cca"),

    /** IBM Z protected virtualization: ultravisor calls that share pages of 4 KiB. */
    S390_PV("s390-pv"),

    /** Arm protected KVM: share hypercalls, and a device tree with a pool for all DMA; devices are refused other pages. */
    PKVM("pkvm"),

    /** Hyper-V isolation by SEV-SNP with a paravisor: shared pages are above the virtual top of memory. */
    HYPERV_VTOM("hyperv-vtom");

    private final String platformName;

    Platform(String platformName) {
        this.platformName = platformName;
    }

    /** The name that the command line and reports use, such as {@code sev-snp}. */
    public String platformName() {
        return platformName;
    }

    /**
     * The platform of a name.
     *
     * @throws IllegalArgumentException when there is none; the message lists those there are
     */
    public static Platform named(String name) {
        return Arrays.stream(values())
                .filter(platform -> platform.platformName.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no platform " + name + ": give one of "
                        + Arrays.stream(values()).map(Platform::platformName).collect(Collectors.joining(", "))));
    }
}
