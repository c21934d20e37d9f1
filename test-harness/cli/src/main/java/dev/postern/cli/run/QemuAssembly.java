package dev.postern.cli.run;

import dev.postern.attach.DiskAccess;
import dev.postern.attach.FeatureAdjustments;
import dev.postern.attach.QemuDevice;
import dev.postern.attach.QemuQ35;
import dev.postern.attach.QemuQ35Builder;
import dev.postern.attach.SecurePlatform;
import dev.postern.cli.device.DeviceRequest;
import dev.postern.cli.device.FeatureChanges;
import dev.postern.cli.device.FeatureNames;
import dev.postern.machine.Machine;

/** Puts a QEMU machine together. */
final class QemuAssembly {

    private QemuAssembly() {}

    /**
     * Starts the machine; the caller closes it.
     *
     * @throws dev.postern.attach.MachineConfigurationException when it cannot be as asked for
     * @throws dev.postern.attach.QemuUnavailableException when there is no QEMU here
     * @throws dev.postern.machine.MachineDiedException when QEMU ended while it started
     */
    static Machine build(BootRequest request) {
        QemuQ35Builder builder = QemuQ35.builder().ramBytes(request.ramBytes());
        SecurePlatform platform = SecurePlatform.named(request.platform());
        if (platform != SecurePlatform.PLAIN) {
            builder.platform(platform).windowBytes(SharedSpace.windowBytes(request.ramBytes()));
        }
        request.devices().forEach(device -> builder.device(spec(device)));
        return builder.build();
    }

    private static QemuDevice spec(DeviceRequest device) {
        return switch (device) {
            case DeviceRequest.FileDisk disk ->
                new QemuDevice.Disk(disk.file(), access(disk), disk.id(), disk.bus(), adjustments(disk.features()));
            case DeviceRequest.MemoryDisk disk ->
                throw new IllegalStateException(
                        "disk in memory '%s' on QEMU: the request let it pass".formatted(disk.id()));
            case DeviceRequest.Rng rng -> new QemuDevice.Rng(rng.id(), rng.bus(), adjustments(rng.features()));
            case DeviceRequest.RootPort port -> new QemuDevice.RootPort(port.id());
            case DeviceRequest.Bridge bridge -> new QemuDevice.PciBridge(bridge.id(), bridge.bus());
        };
    }

    private static DiskAccess access(DeviceRequest.FileDisk disk) {
        return disk.access() == DeviceRequest.Access.READ_ONLY ? DiskAccess.READ_ONLY : DiskAccess.READ_WRITE;
    }

    private static FeatureAdjustments adjustments(FeatureChanges changes) {
        FeatureAdjustments adjustments = FeatureAdjustments.none();
        for (var change : changes.offered().entrySet()) {
            String name = FeatureNames.onQemu(change.getKey());
            adjustments = change.getValue() ? adjustments.offer(name) : adjustments.withhold(name);
        }
        return adjustments;
    }
}
