package dev.postern.cli.run;

import dev.postern.cli.device.DeviceRequest;
import dev.postern.cli.device.FeatureChanges;
import dev.postern.cli.device.FeatureNames;
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
import dev.postern.machine.Machine;
import java.util.Set;

/** Puts an emulated machine together. */
final class EmulatedAssembly {

    /** What a device offers only when it is told to: ACCESS_PLATFORM, ORDER_PLATFORM and RING_RESET, and SIZE_MAX of a disk. */
    private static final Set<Integer> OFFERED_ON_REQUEST = Set.of(33, 36, 40, 1);

    private EmulatedAssembly() {}

    /**
     * Builds the machine; the caller closes it.
     *
     * @throws dev.postern.emulated.MachineConfigurationException when it cannot be as asked for
     */
    static Machine build(BootRequest request) {
        MachineBuilder builder = EmulatedMachine.builder()
                .seed(request.seed())
                .ramBytes(request.ramBytes())
                .platform(Platform.named(request.platform()))
                .auditDevices();
        request.devices().forEach(device -> builder.device(spec(device)));
        return builder.build();
    }

    private static DeviceSpec spec(DeviceRequest device) {
        return switch (device) {
            case DeviceRequest.FileDisk disk -> {
                FileDisk spec =
                        FileDisk.of(disk.file()).id(disk.id()).bus(disk.bus()).virtio(options(disk.features()));
                yield disk.access() == DeviceRequest.Access.READ_ONLY ? spec.ro() : spec;
            }
            case DeviceRequest.MemoryDisk disk -> {
                SeededDisk spec = SeededDisk.of(disk.bytes(), disk.seed())
                        .id(disk.id())
                        .bus(disk.bus())
                        .virtio(options(disk.features()));
                yield disk.access() == DeviceRequest.Access.READ_ONLY ? spec.ro() : spec;
            }
            case DeviceRequest.Rng rng -> Rng.of().id(rng.id()).bus(rng.bus()).virtio(options(rng.features()));
            case DeviceRequest.RootPort port -> RootPort.of(port.id());
            case DeviceRequest.Bridge bridge -> Bridge.of(bridge.id()).bus(bridge.bus());
        };
    }

    private static VirtioOptions options(FeatureChanges changes) {
        VirtioOptions options = VirtioOptions.DEFAULTS;
        for (var change : changes.offered().entrySet()) {
            int bit = FeatureNames.bit(change.getKey());
            if (change.getValue()) {
                options = options.offer(bit);
            } else if (!OFFERED_ON_REQUEST.contains(bit)) {
                options = options.withhold(bit);
            }
        }
        return options;
    }
}
