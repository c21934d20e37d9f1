package dev.postern.lab;

import dev.postern.attach.QemuProbe;
import dev.postern.attach.StorageProbe;
import dev.postern.virtio.InterruptMode;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The machines that the same tests run on. Where two of them differ, one is wrong. */
public enum MachineKind {
    /** In this process; always here. */
    EMULATED("emulated", EnumSet.allOf(PlatformKind.class), Discovery.BY_PCI),
    /** A QEMU whose CPU sleeps. Its platforms are those that share pages out of a window of RAM. */
    QEMU_Q35("qemu-q35", Windows.PLATFORMS, Discovery.BY_PCI),
    /** A daemon for each disk, which shares memory with the guest: no registers, no firmware, and no other device. */
    VHOST_USER("vhost-user", Windows.PLATFORMS, Discovery.BY_CHANNEL);

    /** How a guest comes by its devices. */
    public enum Discovery {
        /** It walks a PCI bus, and its devices have registers. */
        BY_PCI,
        /** The machine hands it a channel to each; there are no registers. */
        BY_CHANNEL
    }

    /** The platforms that share pages out of a window of RAM, the only RAM that another process gets. */
    private static final class Windows {
        private static final Set<PlatformKind> PLATFORMS =
                EnumSet.of(PlatformKind.PLAIN, PlatformKind.SEV_SNP, PlatformKind.TDX, PlatformKind.PSERIES_SVM);
    }

    private final String label;
    private final Set<PlatformKind> platforms;
    private final Discovery discovery;

    MachineKind(String label, Set<PlatformKind> platforms, Discovery discovery) {
        this.label = label;
        this.platforms = Collections.unmodifiableSet(platforms);
        this.discovery = discovery;
    }

    /** Those whose devices sit on a PCI bus. */
    public static Stream<MachineKind> withPci() {
        return Arrays.stream(values()).filter(kind -> kind.discovery == Discovery.BY_PCI);
    }

    /** The name on the command line and in reports. */
    public String label() {
        return label;
    }

    /** What can surround a guest on it, in the order of {@link PlatformKind}. */
    public Set<PlatformKind> platforms() {
        return platforms;
    }

    /** How a guest on it comes by its devices. */
    public Discovery discovery() {
        return discovery;
    }

    /** The ways in which its devices interrupt; where there are no lines, a message is the trip of an eventfd. */
    public Set<InterruptMode> interrupts() {
        return switch (discovery) {
            case BY_PCI -> EnumSet.allOf(InterruptMode.class);
            case BY_CHANNEL -> EnumSet.of(InterruptMode.POLLED, InterruptMode.MSIX);
        };
    }

    /**
     * What this machine has nothing like, whatever is installed, in one line with the remedy; empty when it has, or says so itself when it
     * is opened.
     */
    public Optional<String> lacking(LabDevice device) {
        return switch (this) {
            case EMULATED, QEMU_Q35 -> Optional.empty();
            case VHOST_USER -> VhostUserDevices.lacking(device);
        };
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
            case VHOST_USER ->
                StorageProbe.look().isPresent()
                        ? Optional.empty()
                        : Optional.of("no qemu-storage-daemon on PATH: install the Debian package "
                                + StorageProbe.DEBIAN_PACKAGE);
        };
    }

    @Override
    public String toString() {
        return label;
    }
}
