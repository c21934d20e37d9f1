package dev.postern.lab;

import java.util.List;

/** What surrounds a guest, whichever machine it is on. */
public enum PlatformKind {
    /** Nothing special: devices reach all of RAM. */
    PLAIN("plain"),
    /** AMD SEV-SNP. */
    SEV_SNP("sev-snp"),
    /** Intel TDX. */
    TDX("tdx"),
    /** A secure guest of POWER's protected execution facility. */
    PSERIES_SVM("pseries-svm");

    /** The platforms that keep devices from what is not shared with them. */
    public static final List<PlatformKind> SECURE = List.of(SEV_SNP, TDX, PSERIES_SVM);

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
