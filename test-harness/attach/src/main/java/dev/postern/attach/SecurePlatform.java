package dev.postern.attach;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The platform that the guest finds around itself.
 *
 * <p>With a real QEMU or storage daemon a secure platform is half real. RAM in the window is memory that the other process maps;
 * private RAM is memory of this JVM that it has no way to. So a run <em>proves</em> that the guest gives devices nothing but addresses
 * in the window, and that no private byte came to be there: what was never copied to the window is not in the other process at all. It
 * does <em>not</em> prove that conversions of pages work on silicon: they are played by this package after the specifications, and the
 * other process can read every page of the window whatever its state. That is stricter than silicon where the guest keeps secrets in
 * the window, and laxer where a device reaches a page before it is shared.
 */
public enum SecurePlatform {
    /** None: devices reach all RAM. */
    PLAIN("plain"),
    /** AMD SEV-SNP, C-bit 51. */
    SEV_SNP("sev-snp"),
    /** Intel TDX, guest-physical addresses of 52 bits. */
    TDX("tdx"),
    /** A secure guest of POWER's protected execution facility; sharing is in pages of 64 KiB. */
    PSERIES_SVM("pseries-svm");

    private final String presetName;

    SecurePlatform(String presetName) {
        this.presetName = presetName;
    }

    /** What the command line and the log call it. */
    public String presetName() {
        return presetName;
    }

    /**
     * The platform of a name.
     *
     * @throws MachineConfigurationException when there is none; it says which there are
     */
    public static SecurePlatform named(String presetName) {
        return Arrays.stream(values())
                .filter(platform -> platform.presetName.equals(presetName))
                .findFirst()
                .orElseThrow(() -> new MachineConfigurationException("no platform '%s' here: use one of %s"
                        .formatted(
                                presetName,
                                Arrays.stream(values())
                                        .map(SecurePlatform::presetName)
                                        .collect(Collectors.joining(", ")))));
    }
}
