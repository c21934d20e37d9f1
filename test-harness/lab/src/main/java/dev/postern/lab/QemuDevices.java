package dev.postern.lab;

import dev.postern.attach.DiskProperty;
import dev.postern.attach.FeatureAdjustments;
import dev.postern.attach.MachineConfigurationException;
import dev.postern.attach.QemuDevice;
import dev.postern.attach.QemuQ35;
import dev.postern.attach.QemuQ35Builder;
import dev.postern.attach.SecurePlatform;
import dev.postern.attach.SegmentLimit;
import dev.postern.attach.WriteCache;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Says a neutral description in QEMU's words. */
public final class QemuDevices {

    /** The queue of QEMU's entropy device (hw/virtio/virtio-rng.c); it cannot be told another. */
    private static final int RNG_QUEUE_SIZE = 8;

    private QemuDevices() {}

    static QemuQ35 machine(PlatformKind platform, List<LabDevice> devices) {
        QemuQ35Builder builder = QemuQ35.builder().platform(SecurePlatform.named(platform.label()));
        for (LabDevice device : devices) {
            builder.device(device(device));
        }
        return builder.build();
    }

    /**
     * A device in QEMU's words.
     *
     * @throws MachineConfigurationException when QEMU has nothing like it; the message is one line with the remedy
     */
    public static QemuDevice device(LabDevice device) {
        return switch (device) {
            case LabDevice.Disk disk ->
                new QemuDevice.Disk(
                        disk.file(),
                        access(disk.access()),
                        disk.id(),
                        disk.bus(),
                        adjustments(disk.features(), disk.settings().features()),
                        settings(disk));
            case LabDevice.MemoryDisk disk ->
                throw refusal(disk, "QEMU has no disks in memory", "give it an image with file=FILE");
            case LabDevice.Rng rng -> {
                if (rng.queueSize().orElse(RNG_QUEUE_SIZE) != RNG_QUEUE_SIZE) {
                    throw refusal(
                            rng,
                            "queue-size=%d: the queue of QEMU's entropy device has 8 descriptors"
                                    .formatted(rng.queueSize().getAsInt()),
                            "leave it out");
                }
                yield new QemuDevice.Rng(rng.id(), rng.bus(), adjustments(rng.features(), Map.of()));
            }
            case LabDevice.RootPort port -> new QemuDevice.RootPort(port.id());
            case LabDevice.Bridge bridge -> new QemuDevice.PciBridge(bridge.id(), bridge.bus());
        };
    }

    private static MachineConfigurationException refusal(LabDevice device, String what, String remedy) {
        return new MachineConfigurationException(
                "device '%s': %s: %s, or take the emulated machine".formatted(device.id(), what, remedy));
    }

    private static dev.postern.attach.DiskAccess access(DiskAccess access) {
        return switch (access) {
            case READ_ONLY -> dev.postern.attach.DiskAccess.READ_ONLY;
            case READ_WRITE -> dev.postern.attach.DiskAccess.READ_WRITE;
        };
    }

    private static FeatureAdjustments adjustments(
            Map<AdjustableFeature, Boolean> features, Map<DiskFeature, Boolean> ofDisks) {
        TreeMap<String, Boolean> named = new TreeMap<>();
        features.forEach((feature, offered) -> named.put(feature.label(), offered));
        ofDisks.forEach((feature, offered) -> named.put(feature.label(), offered));
        return new FeatureAdjustments(named);
    }

    private static dev.postern.attach.DiskSettings settings(LabDevice.Disk disk) {
        dev.postern.attach.DiskSettings told = dev.postern.attach.DiskSettings.none();
        DiskSettings settings = disk.settings();
        if (settings.serial().isPresent()) {
            told = told.serial(settings.serial().get());
        }
        for (Map.Entry<DiskNumber, Long> number : new TreeMap<>(settings.numbers()).entrySet()) {
            told = told.with(property(disk, number.getKey()), number.getValue());
        }
        Long block = settings.numbers().get(DiskNumber.BLOCK_SIZE);
        if (block != null && !settings.numbers().containsKey(DiskNumber.PHYSICAL_BLOCK_SIZE)) {
            // QEMU's default is 512 bytes, and a physical block cannot be smaller than a logical one.
            told = told.with(DiskProperty.PHYSICAL_BLOCK_SIZE, block);
        }
        for (Map.Entry<DiskChoice, String> choice : new TreeMap<>(settings.choices()).entrySet()) {
            told = choose(told, disk, choice.getKey(), choice.getValue());
        }
        for (Map.Entry<DiskOperation, Long> failure : new TreeMap<>(settings.failures()).entrySet()) {
            told = told.failing(operation(failure.getKey()), failure.getValue());
        }
        return told;
    }

    private static DiskProperty property(LabDevice.Disk disk, DiskNumber number) {
        return switch (number) {
            case QUEUES -> DiskProperty.QUEUES;
            case QUEUE_SIZE -> DiskProperty.QUEUE_SIZE;
            case BLOCK_SIZE -> DiskProperty.BLOCK_SIZE;
            case PHYSICAL_BLOCK_SIZE -> DiskProperty.PHYSICAL_BLOCK_SIZE;
            case MIN_IO_SIZE -> DiskProperty.MINIMUM_IO;
            case OPT_IO_SIZE -> DiskProperty.OPTIMAL_IO;
            case MAX_DISCARD_SECTORS -> DiskProperty.DISCARD_SECTORS;
            case DISCARD_GRANULARITY -> DiskProperty.DISCARD_GRANULARITY;
            case MAX_WRITE_ZEROES_SECTORS -> DiskProperty.WRITE_ZEROES_SECTORS;
            case SEG_MAX ->
                throw refusal(
                        disk, "seg-max: QEMU's disks find it by themselves", "say seg-max-adjust=on and queue-size=");
            case SIZE_MAX,
                    MAX_DISCARD_SEGMENTS,
                    MAX_WRITE_ZEROES_SEGMENTS,
                    MAX_SECURE_ERASE_SECTORS,
                    MAX_SECURE_ERASE_SEGMENTS ->
                throw refusal(disk, number.label() + ": QEMU's disks have no such setting", "leave it out");
        };
    }

    private static dev.postern.attach.DiskSettings choose(
            dev.postern.attach.DiskSettings told, LabDevice.Disk disk, DiskChoice choice, String word) {
        return switch (choice) {
            case WRITE_CACHE -> told.writeCache(word.equals("on") ? WriteCache.WRITEBACK : WriteCache.WRITETHROUGH);
            case SEG_MAX_ADJUST ->
                told.segmentLimit(word.equals("on") ? SegmentLimit.BY_QUEUE_SIZE : SegmentLimit.FIXED);
            case CACHE -> as("host", told, disk, choice, word);
            case MAY_UNMAP -> as("on", told, disk, choice, word);
            case ZONES -> as("none", told, disk, choice, word);
        };
    }

    /** For what QEMU does in one way only. */
    private static dev.postern.attach.DiskSettings as(
            String only, dev.postern.attach.DiskSettings told, LabDevice.Disk disk, DiskChoice choice, String word) {
        if (!word.equals(only)) {
            throw refusal(disk, "%s=%s: QEMU's disks cannot be so".formatted(choice.label(), word), "leave it out");
        }
        return told;
    }

    private static dev.postern.attach.DiskOperation operation(DiskOperation operation) {
        return switch (operation) {
            case READ -> dev.postern.attach.DiskOperation.READ;
            case WRITE -> dev.postern.attach.DiskOperation.WRITE;
            case FLUSH -> dev.postern.attach.DiskOperation.FLUSH;
            case DISCARD -> dev.postern.attach.DiskOperation.DISCARD;
            case WRITE_ZEROES -> dev.postern.attach.DiskOperation.WRITE_ZEROES;
        };
    }
}
