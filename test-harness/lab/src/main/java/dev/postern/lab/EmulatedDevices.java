package dev.postern.lab;

import dev.postern.emulated.Bridge;
import dev.postern.emulated.DeviceSpec;
import dev.postern.emulated.EmulatedMachine;
import dev.postern.emulated.FileDisk;
import dev.postern.emulated.MachineBuilder;
import dev.postern.emulated.Platform;
import dev.postern.emulated.Rng;
import dev.postern.emulated.RootPort;
import dev.postern.emulated.SeededDisk;
import dev.postern.emulated.VirtioOptions;
import java.util.List;
import java.util.Map;

/** Says a neutral description in the emulated machine's words. */
final class EmulatedDevices {

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

    private static DeviceSpec spec(LabDevice device) {
        return switch (device) {
            case LabDevice.Disk disk -> disk(disk);
            case LabDevice.MemoryDisk disk -> memoryDisk(disk);
            case LabDevice.Rng rng -> Rng.of().id(rng.id()).bus(rng.bus());
            case LabDevice.RootPort port -> RootPort.of(port.id());
            case LabDevice.Bridge bridge -> Bridge.of(bridge.id());
        };
    }

    private static FileDisk disk(LabDevice.Disk disk) {
        FileDisk spec = FileDisk.of(disk.file()).id(disk.id()).bus(disk.bus()).virtio(options(disk.features()));
        return disk.access() == DiskAccess.READ_ONLY ? spec.ro() : spec;
    }

    private static SeededDisk memoryDisk(LabDevice.MemoryDisk disk) {
        SeededDisk spec = SeededDisk.of(disk.bytes(), disk.seed())
                .id(disk.id())
                .bus(disk.bus())
                .virtio(options(disk.features()));
        return disk.access() == DiskAccess.READ_ONLY ? spec.ro() : spec;
    }

    private static VirtioOptions options(Map<AdjustableFeature, Boolean> features) {
        VirtioOptions options = VirtioOptions.DEFAULTS;
        for (Map.Entry<AdjustableFeature, Boolean> feature : features.entrySet()) {
            if (feature.getValue() != offeredUnasked(feature.getKey())) {
                int bit = feature.getKey().bit();
                options = feature.getValue() ? options.offer(bit) : options.withhold(bit);
            }
        }
        return options;
    }

    private static boolean offeredUnasked(AdjustableFeature feature) {
        return switch (feature) {
            case INDIRECT_DESC, EVENT_IDX -> true;
            case ACCESS_PLATFORM, RING_RESET -> false;
        };
    }
}
