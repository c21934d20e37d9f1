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
    S390_PV("s390-pv");

    /** The platforms that keep devices from what is not shared with them. */
    public static final List<PlatformKind> SECURE =
            List.of(SEV, SEV_ES, SEV_SNP, HYPERV_VTOM, TDX, CCA, PKVM, PSERIES_SVM, S390_PV);

    private final String label;

    PlatformKind(String label) {
        this.label = label;
    }

    /** The name on the command line and in reports, and the one that the guest detects. */
    public String label() {
        return label;
    }

    @Override
    public String toString() {
        return label;
    }
}
