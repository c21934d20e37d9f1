package dev.postern.lab;

import dev.postern.attach.QemuProbe;
import java.util.Optional;

/** The machines that the same tests run on. Where two of them differ, one is wrong. */
public enum MachineKind {
    /** In this process; always here. */
    EMULATED("emulated"),
    /** A QEMU whose CPU sleeps. */
    QEMU_Q35("qemu-q35");

    private final String label;

    MachineKind(String label) {
        this.label = label;
    }

    /** The name on the command line and in reports. */
    public String label() {
        return label;
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
