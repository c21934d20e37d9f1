package dev.postern.emulated;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * What surrounds the guest: nothing special, a platform that keeps the guest's memory from the host, a hypervisor that numbers or grants
 * pages, or buses that show RAM to devices in their own way.
 */
public enum Platform {

    /** An ordinary x86-64: every page is in reach of every device. */
    PLAIN("plain", Secrecy.NONE),

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
    HYPERV_VTOM("hyperv-vtom"),

    /** An Arm machine with a device tree, whose devices are snooped and reach all of RAM. */
    ARM("arm", Secrecy.NONE),

    /** The same, where devices are refused all memory but a pool that the device tree names; nothing is private. */
    ARM_POOL("arm-pool", Secrecy.NONE),

    /** The same, where the bus shows two parts of RAM at offsets and the rest not at all: {@code dma-ranges}. */
    ARM_RANGES("arm-ranges", Secrecy.NONE),

    /** The same, where devices that accepted ACCESS_PLATFORM are not snooped: they and the CPU's cache differ until it is maintained. */
    ARM_NONCOHERENT("arm-noncoherent", Secrecy.NONE),

    /** An ordinary Xen guest on x86: devices use guest-physical addresses. */
    XEN_HVM("xen-hvm", Secrecy.NONE),

    /**
     * A paravirtualised Xen guest on x86, not the first domain: devices use grant references, or machine addresses without
     * ACCESS_PLATFORM. Its RAM begins at 0 and has no hole.
     */
    XEN_PV("xen-pv", Secrecy.NONE),

    /** The first domain of Xen on x86, paravirtualised: devices use machine addresses. Its RAM begins at 0 and has no hole. */
    XEN_DOM0("xen-dom0", Secrecy.NONE),

    /** A Xen guest on Arm: devices use grant references, or guest-physical addresses without ACCESS_PLATFORM. */
    XEN_ARM("xen-arm", Secrecy.NONE);

    private enum Secrecy {
        NONE,
        PRIVATE_MEMORY
    }

    private final String platformName;
    private final Secrecy secrecy;

    Platform(String platformName) {
        this(platformName, Secrecy.PRIVATE_MEMORY);
    }

    Platform(String platformName, Secrecy secrecy) {
        this.platformName = platformName;
        this.secrecy = secrecy;
    }

    /** Whether all RAM is private, out of the host's reach, until the guest shares some. */
    public boolean keepsMemoryPrivate() {
        return secrecy == Secrecy.PRIVATE_MEMORY;
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
