package dev.postern.lab;

import dev.postern.emulated.BlockSizes;
import dev.postern.emulated.Bridge;
import dev.postern.emulated.CacheMode;
import dev.postern.emulated.DeviceSpec;
import dev.postern.emulated.DiskOptions;
import dev.postern.emulated.EmulatedMachine;
import dev.postern.emulated.FileDisk;
import dev.postern.emulated.MachineBuilder;
import dev.postern.emulated.Platform;
import dev.postern.emulated.RangeLimits;
import dev.postern.emulated.Rng;
import dev.postern.emulated.RootPort;
import dev.postern.emulated.SeededDisk;
import dev.postern.emulated.Unmapping;
import dev.postern.emulated.VirtioOptions;
import dev.postern.emulated.WriteCache;
import dev.postern.emulated.ZoneModel;
import dev.postern.emulated.mischief.FailOperation;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Says a neutral description in the emulated machine's words. */
public final class EmulatedDevices {

    private static final int SECTOR = 512;

    private EmulatedDevices() {}

    static EmulatedMachine machine(PlatformKind platform, List<LabDevice> devices) {
        MachineBuilder builder = on(platform);
        for (LabDevice device : devices) {
            builder.device(spec(device));
        }
        return builder.build();
    }

    /** A machine on a platform that can be asked what devices read; to be given devices. */
    static MachineBuilder on(PlatformKind platform) {
        MachineBuilder builder =
                EmulatedMachine.builder().seed(Seed.value()).platform(Platform.named(platform.label()));
        return platform == PlatformKind.PLAIN ? builder : builder.auditDevices();
    }

    /**
     * A device in the emulated machine's words.
     *
     * @throws dev.postern.emulated.MachineConfigurationException when it cannot be as described
     */
    public static DeviceSpec spec(LabDevice device) {
        return switch (device) {
            case LabDevice.Disk disk -> disk(disk);
            case LabDevice.MemoryDisk disk -> memoryDisk(disk);
            case LabDevice.Rng rng -> {
                VirtioOptions options = options(rng.features());
                yield Rng.of()
                        .id(rng.id())
                        .bus(rng.bus())
                        .virtio(
                                rng.queueSize().isPresent()
                                        ? options.queueSize(rng.queueSize().getAsInt())
                                        : options);
            }
            case LabDevice.RootPort port -> RootPort.of(port.id());
            case LabDevice.Bridge bridge -> Bridge.of(bridge.id()).bus(bridge.bus());
        };
    }

    private static FileDisk disk(LabDevice.Disk disk) {
        FileDisk spec = FileDisk.of(disk.file())
                .id(disk.id())
                .bus(disk.bus())
                .options(told(disk.settings()))
                .virtio(options(disk));
        return disk.access() == DiskAccess.READ_ONLY ? spec.ro() : spec;
    }

    private static SeededDisk memoryDisk(LabDevice.MemoryDisk disk) {
        SeededDisk spec = SeededDisk.of(disk.bytes(), disk.seed())
                .id(disk.id())
                .bus(disk.bus())
                .options(told(disk.settings()))
                .virtio(options(disk));
        return disk.access() == DiskAccess.READ_ONLY ? spec.ro() : spec;
    }

    private static VirtioOptions options(Map<AdjustableFeature, Boolean> features) {
        VirtioOptions options = VirtioOptions.DEFAULTS;
        for (Map.Entry<AdjustableFeature, Boolean> feature : new TreeMap<>(features).entrySet()) {
            if (feature.getValue() != offeredUnasked(feature.getKey())) {
                int bit = feature.getKey().bit();
                options = feature.getValue() ? options.offer(bit) : options.withhold(bit);
            }
        }
        return options;
    }

    private static VirtioOptions options(LabDevice.Block disk) {
        DiskSettings settings = disk.settings();
        VirtioOptions options = options(disk.features());
        for (Map.Entry<DiskFeature, Boolean> feature : new TreeMap<>(settings.features()).entrySet()) {
            if (feature.getValue() != offeredUnasked(feature.getKey(), settings)) {
                int bit = feature.getKey().bit();
                options = feature.getValue() ? options.offer(bit) : options.withhold(bit);
            }
        }
        Long queueSize = settings.numbers().get(DiskNumber.QUEUE_SIZE);
        if (queueSize != null) {
            options = options.queueSize(queueSize.intValue());
        }
        for (Map.Entry<DiskOperation, Long> failure : new TreeMap<>(settings.failures()).entrySet()) {
            options = options.mischief(new FailOperation(operation(failure.getKey()), failure.getValue(), 1));
        }
        return options;
    }

    private static dev.postern.emulated.mischief.DiskOperation operation(DiskOperation operation) {
        return switch (operation) {
            case READ -> dev.postern.emulated.mischief.DiskOperation.READ;
            case WRITE -> dev.postern.emulated.mischief.DiskOperation.WRITE;
            case FLUSH -> dev.postern.emulated.mischief.DiskOperation.FLUSH;
            case DISCARD -> dev.postern.emulated.mischief.DiskOperation.DISCARD;
            case WRITE_ZEROES -> dev.postern.emulated.mischief.DiskOperation.WRITE_ZEROES;
        };
    }

    private static DiskOptions told(DiskSettings settings) {
        DiskOptions options = DiskOptions.DEFAULTS.blocks(blocks(settings.numbers()));
        if (settings.serial().isPresent()) {
            options = options.serial(settings.serial().get());
        }
        for (Map.Entry<DiskNumber, Long> number : new TreeMap<>(settings.numbers()).entrySet()) {
            options = told(options, number.getKey(), number.getValue());
        }
        for (Map.Entry<DiskChoice, String> choice : new TreeMap<>(settings.choices()).entrySet()) {
            options = told(options, choice.getKey(), choice.getValue(), settings);
        }
        return options;
    }

    private static BlockSizes blocks(Map<DiskNumber, Long> numbers) {
        long logical = numbers.getOrDefault(DiskNumber.BLOCK_SIZE, (long) SECTOR);
        return new BlockSizes(
                (int) logical,
                Math.toIntExact(numbers.getOrDefault(DiskNumber.PHYSICAL_BLOCK_SIZE, logical)),
                (int) Math.min(numbers.getOrDefault(DiskNumber.MIN_IO_SIZE, 0L), Integer.MAX_VALUE),
                numbers.getOrDefault(DiskNumber.OPT_IO_SIZE, 0L));
    }

    private static DiskOptions told(DiskOptions options, DiskNumber number, long value) {
        RangeLimits discard = options.discard();
        RangeLimits zeros = options.writeZeroes();
        RangeLimits erase = options.secureErase();
        return switch (number) {
            case QUEUES -> options.queues((int) value);
            case SEG_MAX -> options.segMax((int) value);
            case SIZE_MAX -> options.sizeMax((int) value);
            case MAX_DISCARD_SECTORS -> options.discard(discard.maxSectors(value));
            case MAX_DISCARD_SEGMENTS -> options.discard(discard.maxSegments(value));
            case DISCARD_GRANULARITY -> options.discard(discard.alignment(value / SECTOR));
            case MAX_WRITE_ZEROES_SECTORS -> options.writeZeroes(zeros.maxSectors(value));
            case MAX_WRITE_ZEROES_SEGMENTS -> options.writeZeroes(zeros.maxSegments(value));
            case MAX_SECURE_ERASE_SECTORS -> options.secureErase(erase.maxSectors(value));
            case MAX_SECURE_ERASE_SEGMENTS -> options.secureErase(erase.maxSegments(value));
            case QUEUE_SIZE, BLOCK_SIZE, PHYSICAL_BLOCK_SIZE, MIN_IO_SIZE, OPT_IO_SIZE -> options;
        };
    }

    private static DiskOptions told(DiskOptions options, DiskChoice choice, String word, DiskSettings settings) {
        return switch (choice) {
            case WRITE_CACHE -> options.firstMode(word.equals("on") ? CacheMode.WRITEBACK : CacheMode.WRITETHROUGH);
            case SEG_MAX_ADJUST -> word.equals("on") ? options.segMax(besidesHeaderAndStatus(settings)) : options;
            case CACHE -> options.cache(word.equals("host") ? WriteCache.HOST : WriteCache.VOLATILE);
            case MAY_UNMAP -> options.unmapping(word.equals("on") ? Unmapping.ALLOWED : Unmapping.NEVER);
            case ZONES ->
                options.zones(
                        switch (word) {
                            case "host-managed" -> ZoneModel.HOST_MANAGED;
                            case "host-aware" -> ZoneModel.HOST_AWARE;
                            default -> ZoneModel.NONE;
                        });
        };
    }

    private static int besidesHeaderAndStatus(DiskSettings settings) {
        long queueSize =
                settings.numbers().getOrDefault(DiskNumber.QUEUE_SIZE, (long) VirtioOptions.DEFAULTS.queueSize());
        return (int) Math.max(1, queueSize - 2);
    }

    private static boolean offeredUnasked(AdjustableFeature feature) {
        return switch (feature) {
            case INDIRECT_DESC, EVENT_IDX -> true;
            case ACCESS_PLATFORM,
                    RING_PACKED,
                    IN_ORDER,
                    ORDER_PLATFORM,
                    NOTIFICATION_DATA,
                    NOTIF_CONFIG_DATA,
                    RING_RESET -> false;
        };
    }

    private static boolean offeredUnasked(DiskFeature feature, DiskSettings settings) {
        return switch (feature) {
            case SEG_MAX, BLK_SIZE, FLUSH -> true;
            case TOPOLOGY -> !blocks(settings.numbers()).equals(BlockSizes.SECTORS);
            case SIZE_MAX, CONFIG_WCE, DISCARD, WRITE_ZEROES, LIFETIME, SECURE_ERASE, ZONED -> false;
        };
    }
}
