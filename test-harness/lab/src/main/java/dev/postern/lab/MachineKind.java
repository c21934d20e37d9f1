package dev.postern.lab;

import dev.postern.attach.QemuProbe;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** The machines that the same tests run on. Where two of them differ, one is wrong. */
public enum MachineKind {
    /** In this process; always here. */
    EMULATED("emulated", EnumSet.allOf(PlatformKind.class)),
    /** A QEMU whose CPU sleeps. Its platforms are those that share pages out of a window of RAM. */
    QEMU_Q35(
            "qemu-q35",
            EnumSet.of(PlatformKind.PLAIN, PlatformKind.SEV_SNP, PlatformKind.TDX, PlatformKind.PSERIES_SVM));

    private final String label;
    private final Set<PlatformKind> platforms;

    MachineKind(String label, Set<PlatformKind> platforms) {
        this.label = label;
        this.platforms = Collections.unmodifiableSet(platforms);
    }

    /** The name on the command line and in reports. */
    public String label() {
        return label;
    }

    /** What can surround a guest on it, in the order of {@link PlatformKind}. */
    public Set<PlatformKind> platforms() {
        return platforms;
    }

    /** What is missing on this host and how to get it, in one line; empty when the machine can be opened. */
    public Optional<String> missing() {
        return switch (this) {
            case EMULATED -> Optional.empty();
            case QEMU_Q35 ->
                QemuProbe.look().isPresent()
                        ? Optional.empty()
                        : Optional.of(
                                "no QEMU for x86-64 on PATH: install the Debian package " + QemuProbe.DEBIAN_PACKAGE);
        };
    }

    @Override
    public String toString() {
        return label;
    }
}
