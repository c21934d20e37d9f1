package dev.postern.lab;

import java.util.List;

/** What surrounds a guest, whichever machine it is on. */
public enum PlatformKind {
    /** Nothing special: devices reach all of RAM. */
    PLAIN("plain"),
    /** The first AMD SEV. */
    SEV("sev"),
    /** AMD SEV-ES. */
    SEV_ES("sev-es"),
    /** AMD SEV-SNP. */
    SEV_SNP("sev-snp"),
    /** Hyper-V with a paravisor and a virtual top of memory. */
    HYPERV_VTOM("hyperv-vtom"),
    /** Intel TDX. */
    TDX("tdx"),
    /** An Arm CCA realm. */
    CCA("cca"),
    /** A protected guest of Arm's pKVM. */
    PKVM("pkvm"),
    /** A secure guest of POWER's protected execution facility. */
    PSERIES_SVM("pseries-svm"),
    /** IBM Z protected virtualization. */
    S390_PV("s390-pv"),
    /** An ordinary Arm machine that a device tree describes, whose devices are snooped. */
    ARM("arm"),
    /** One that binds its devices to a restricted pool. */
    ARM_POOL("arm-pool"),
    /** One whose bus shows RAM elsewhere, and a part of it nowhere. */
    ARM_RANGES("arm-ranges"),
    /** One whose interconnect does not snoop devices. */
    ARM_NONCOHERENT("arm-noncoherent"),
    /** A guest of Xen in a virtual machine of the processor's own making. */
    XEN_HVM("xen-hvm"),
    /** A paravirtualised guest of Xen. */
    XEN_PV("xen-pv"),
    /** The first domain of Xen, paravirtualised. */
    XEN_DOM0("xen-dom0"),
    /** An Arm guest of Xen whose device tree names the back-end's domain. */
    XEN_ARM("xen-arm");

    /** The platforms that keep devices from what is not shared with them. */
    public static final List<PlatformKind> SECURE =
            List.of(SEV, SEV_ES, SEV_SNP, HYPERV_VTOM, TDX, CCA, PKVM, PSERIES_SVM, S390_PV);

    private final String label;

    PlatformKind(String label) {
        this.label = label;
    }

    /** The name on the command line and in reports; a secure one is also what the guest detects. */
    public String label() {
        return label;
    }

    /** Whether devices are kept from what the guest does not share. */
    public boolean secure() {
        return SECURE.contains(this);
    }

    @Override
    public String toString() {
        return label;
    }
}
