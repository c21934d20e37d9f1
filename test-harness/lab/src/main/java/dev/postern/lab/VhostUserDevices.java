package dev.postern.lab;

import dev.postern.attach.MachineConfigurationException;
import dev.postern.attach.SecurePlatform;
import dev.postern.attach.StorageDisk;
import dev.postern.attach.VhostUserMachine;
import dev.postern.attach.VhostUserMachineBuilder;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Says a neutral description in the words of qemu-storage-daemon, which has few: it offers what it offers, and is told nothing of a disk
 * but its image, who may write, how many queues it has and how large its blocks are.
 */
public final class VhostUserDevices {

    /** What it can be told, for messages. */
    private static final String KNOWN = "qemu-storage-daemon knows file=, ro=, queues=, block-size= and id=";

    /** What its disks always offer (block/export/vhost-user-blk-server.c, vu_blk_get_features). */
    private static final Set<DiskFeature> OFFERED = EnumSet.of(
            DiskFeature.SIZE_MAX,
            DiskFeature.SEG_MAX,
            DiskFeature.BLK_SIZE,
            DiskFeature.FLUSH,
            DiskFeature.TOPOLOGY,
            DiskFeature.CONFIG_WCE,
            DiskFeature.DISCARD,
            DiskFeature.WRITE_ZEROES);

    private static final Set<AdjustableFeature> OFFERED_BY_RINGS =
            EnumSet.of(AdjustableFeature.INDIRECT_DESC, AdjustableFeature.EVENT_IDX);

    private VhostUserDevices() {}

    static VhostUserMachine machine(PlatformKind platform, List<LabDevice> devices) {
        VhostUserMachineBuilder builder = VhostUserMachine.builder().platform(SecurePlatform.named(platform.label()));
        for (LabDevice device : devices) {
            builder.disk(disk(device));
        }
        return builder.build();
    }

    /** What keeps a device from being one of this machine's, in one line with the remedy; empty when nothing does. */
    public static Optional<String> lacking(LabDevice device) {
        try {
            disk(device);
            return Optional.empty();
        } catch (MachineConfigurationException e) {
            return Optional.of(e.getMessage());
        }
    }

    /**
     * A disk in the daemon's words.
     *
     * @throws MachineConfigurationException when the daemon has nothing like it; the message is one line with the remedy
     */
    public static StorageDisk disk(LabDevice device) {
        return switch (device) {
            case LabDevice.Disk disk -> image(disk);
            case LabDevice.MemoryDisk disk ->
                throw refusal(disk, "vhost-user has no disks in memory", "give it an image with file=FILE");
            case LabDevice.Rng rng ->
                throw refusal(rng, "vhost-user has disks and no entropy device", "give disks only");
            case LabDevice.RootPort port -> throw noBus(port);
            case LabDevice.Bridge bridge -> throw noBus(bridge);
        };
    }

    private static StorageDisk image(LabDevice.Disk disk) {
        if (!disk.bus().equals(LabDevice.ROOT_BUS)) {
            throw noBus(disk);
        }
        DiskSettings settings = disk.settings();
        requireOffered(disk, settings);
        for (Map.Entry<DiskChoice, String> choice : new TreeMap<>(settings.choices()).entrySet()) {
            require(disk, choice.getKey(), choice.getValue());
        }
        if (settings.serial().isPresent()) {
            throw unknown(disk, "serial=");
        }
        if (!settings.failures().isEmpty()) {
            throw unknown(disk, new TreeMap<>(settings.failures()).firstKey().label() + "=");
        }
        StorageDisk told = StorageDisk.image(disk.file()).withAccess(access(disk.access()));
        for (Map.Entry<DiskNumber, Long> number : new TreeMap<>(settings.numbers()).entrySet()) {
            told = switch (number.getKey()) {
                case QUEUES -> told.withQueues(number.getValue().intValue());
                case BLOCK_SIZE -> told.withBlockBytes(number.getValue().intValue());
                case PHYSICAL_BLOCK_SIZE -> requireAsLogical(told, disk, number.getValue());
                default -> throw unknown(disk, number.getKey().label() + "=");
            };
        }
        return told;
    }

    /** The daemon says that a physical block is a logical one. */
    private static StorageDisk requireAsLogical(StorageDisk told, LabDevice.Disk disk, long physical) {
        if (physical != told.blockBytes()) {
            throw unknown(disk, "%s=%d".formatted(DiskNumber.PHYSICAL_BLOCK_SIZE.label(), physical));
        }
        return told;
    }

    private static void requireOffered(LabDevice.Disk disk, DiskSettings settings) {
        new TreeMap<>(disk.features())
                .forEach((feature, offered) ->
                        requireOffered(disk, feature.label(), offered, OFFERED_BY_RINGS.contains(feature)));
        new TreeMap<>(settings.features())
                .forEach((feature, offered) ->
                        requireOffered(disk, feature.label(), offered, OFFERED.contains(feature)));
    }

    /** A feature that is as it was asked for needs no telling. */
    private static void requireOffered(LabDevice.Disk disk, String feature, boolean wanted, boolean offered) {
        if (wanted == offered) {
            return;
        }
        throw offered
                ? refusal(
                        disk,
                        "qemu-storage-daemon always offers %s".formatted(feature),
                        "--withhold %s keeps the driver from accepting it".formatted(feature))
                : refusal(disk, "qemu-storage-daemon never offers %s".formatted(feature), "leave it out");
    }

    /** For what the daemon does in one way only. */
    private static void require(LabDevice.Disk disk, DiskChoice choice, String word) {
        String only =
                switch (choice) {
                    case MAY_UNMAP -> "on";
                    // Its cache writes back, and it says at first that it writes through.
                    case WRITE_CACHE -> "";
                    case CACHE -> "host";
                    case ZONES -> "none";
                    case SEG_MAX_ADJUST -> "off";
                };
        if (!word.equals(only)) {
            throw unknown(disk, "%s=%s".formatted(choice.label(), word));
        }
    }

    private static dev.postern.attach.DiskAccess access(DiskAccess access) {
        return switch (access) {
            case READ_ONLY -> dev.postern.attach.DiskAccess.READ_ONLY;
            case READ_WRITE -> dev.postern.attach.DiskAccess.READ_WRITE;
        };
    }

    private static MachineConfigurationException noBus(LabDevice device) {
        return refusal(device, "vhost-user has no bus, and a channel to each disk instead", "give disks without bus=");
    }

    private static MachineConfigurationException unknown(LabDevice device, String word) {
        return refusal(device, "%s: %s".formatted(word, KNOWN), "leave it out");
    }

    private static MachineConfigurationException refusal(LabDevice device, String what, String remedy) {
        return new MachineConfigurationException(
                "device '%s': %s: %s, or take another machine".formatted(device.id(), what, remedy));
    }
}
