package dev.postern.cli.run;

import dev.postern.boot.BootOptions;
import dev.postern.cli.WrongCallException;
import dev.postern.lab.DiskAccess;
import dev.postern.lab.LabDevice;
import dev.postern.lab.MachineKind;
import dev.postern.virtio.blk.BlkFeatures;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * All that a call of {@code postern boot} asks for.
 *
 * @param machine where to boot
 * @param platform the preset that the machine is built as; the guest finds out by itself
 * @param options how to boot
 * @param devices in the order of the line; a bus comes before what is on it; none where the machine joins a back-end that has its own
 * @param applications by name, in the order in which they run
 * @param ramBytes size of the RAM
 * @param seed of the emulated machine
 * @param note what the user should know of what was filled in, in one line
 */
public record BootRequest(
        MachineChoice machine,
        String platform,
        BootOptions options,
        List<LabDevice> devices,
        List<String> applications,
        long ramBytes,
        long seed,
        Optional<String> note) {

    /** The preset without a secure platform. */
    public static final String PLAIN = "plain";

    private static final long DEFAULT_DISK_BYTES = 64L << 20;
    private static final long DEFAULT_SEED = 1;

    /** Copies the lists. */
    public BootRequest {
        devices = List.copyOf(devices);
        applications = List.copyOf(applications);
    }

    /**
     * Fills in what the line leaves out.
     *
     * @param devices none means: a disk in memory, which only the emulated machine has, and an entropy device
     * @param applications none means: all that only read and find a device
     * @param seed empty unless the line has one
     * @throws WrongCallException when the machine has no use for something asked for
     */
    public static BootRequest of(
            MachineChoice machine,
            String platform,
            BootOptions options,
            List<LabDevice> devices,
            List<String> applications,
            long ramBytes,
            OptionalLong seed) {
        requireFit(machine, devices);
        long chosen = seed.orElse(DEFAULT_SEED);
        List<LabDevice> present = devices.isEmpty() ? defaultDevices(machine, chosen) : devices;
        return new BootRequest(
                machine,
                platform,
                options,
                present,
                applications.isEmpty() ? defaultApplications(machine, present) : applications,
                ramBytes,
                chosen,
                devices.isEmpty() ? note(machine) : Optional.empty());
    }

    /** The same, booted in another way. */
    public BootRequest booting(BootOptions how) {
        return new BootRequest(machine, platform, how, devices, applications, ramBytes, seed, note);
    }

    /** The names of the features that no driver accepts. */
    public List<String> withheld() {
        return BlkFeatures.TYPE.namesOf(options.withheld());
    }

    /** How many virtio devices the guest must find. */
    public long virtioDevices() {
        return machine.socket().isPresent()
                ? 1
                : devices.stream().filter(LabDevice.Virtio.class::isInstance).count();
    }

    /** How many disks there are, here or behind a socket. */
    public long disks() {
        return machine.socket().isPresent()
                ? 1
                : devices.stream().filter(LabDevice.Block.class::isInstance).count();
    }

    private static void requireFit(MachineChoice machine, List<LabDevice> devices) {
        if (machine.socket().isPresent() && !devices.isEmpty()) {
            throw new WrongCallException(
                    "--device: who listens at %s brings its own device: leave --device out, or write --machine vhost-user alone"
                            .formatted(machine.socket().get()));
        }
        if (!machine.emulated()) {
            requireNoDiskInMemory(machine, devices);
        }
        devices.stream()
                .flatMap(device -> machine.kind().lacking(device).stream())
                .findFirst()
                .ifPresent(lacking -> {
                    throw new WrongCallException(lacking);
                });
        if (machine.kind() == MachineKind.VHOST_USER && machine.socket().isEmpty() && devices.isEmpty()) {
            throw new WrongCallException(
                    "vhost-user needs a disk: add --device blk,file=FILE, which starts a qemu-storage-daemon, or join a"
                            + " back-end that runs with --machine vhost-user:SOCKET");
        }
    }

    private static void requireNoDiskInMemory(MachineChoice machine, List<LabDevice> devices) {
        for (LabDevice device : devices) {
            if (device instanceof LabDevice.MemoryDisk disk) {
                throw new WrongCallException(
                        "disk '%s': %s has no disks in memory: give it an image with file=FILE, or use --machine emulated"
                                .formatted(disk.id(), machine.word()));
            }
        }
    }

    private static Optional<String> note(MachineChoice machine) {
        return switch (machine.kind()) {
            case EMULATED, VHOST_USER -> Optional.empty();
            case QEMU_Q35 ->
                Optional.of("no --device: an rng alone; a disk on %s is an image, such as --device blk,file=disk.img,ro=on"
                        .formatted(machine.word()));
        };
    }

    private static List<LabDevice> defaultDevices(MachineChoice machine, long seed) {
        if (machine.socket().isPresent()) {
            return List.of();
        }
        List<LabDevice> devices = new ArrayList<>();
        if (machine.emulated()) {
            devices.add(new LabDevice.MemoryDisk(
                    "blk0", DEFAULT_DISK_BYTES, seed, DiskAccess.READ_WRITE, LabDevice.ROOT_BUS, Map.of()));
        }
        devices.add(new LabDevice.Rng("rng0"));
        return devices;
    }

    private static List<String> defaultApplications(MachineChoice machine, List<LabDevice> devices) {
        List<String> applications = new ArrayList<>();
        if (machine.socket().isPresent() || devices.stream().anyMatch(LabDevice.Block.class::isInstance)) {
            applications.add("digest");
        }
        if (devices.stream().anyMatch(LabDevice.Rng.class::isInstance)) {
            applications.add("entropy");
        }
        return applications;
    }
}
