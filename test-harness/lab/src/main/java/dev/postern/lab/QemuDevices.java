package dev.postern.lab;

import dev.postern.attach.FeatureAdjustments;
import dev.postern.attach.QemuDevice;
import dev.postern.attach.QemuQ35;
import dev.postern.attach.QemuQ35Builder;
import dev.postern.attach.SecurePlatform;
import java.util.List;
import java.util.Map;

/** Says a neutral description in QEMU's words. */
final class QemuDevices {

    private QemuDevices() {}

    static QemuQ35 machine(PlatformKind platform, List<LabDevice> devices) {
        QemuQ35Builder builder = QemuQ35.builder().platform(SecurePlatform.named(platform.label()));
        for (LabDevice device : devices) {
            builder.device(device(device));
        }
        return builder.build();
    }

    private static QemuDevice device(LabDevice device) {
        return switch (device) {
            case LabDevice.Disk disk ->
                new QemuDevice.Disk(
                        disk.file(), access(disk.access()), disk.id(), disk.bus(), adjustments(disk.features()));
            case LabDevice.MemoryDisk disk ->
                throw new IllegalArgumentException(
                        "disk %s: QEMU has no disks in memory: give it an image, or take the emulated machine"
                                .formatted(disk.id()));
            case LabDevice.Rng rng -> new QemuDevice.Rng(rng.id(), rng.bus(), FeatureAdjustments.none());
            case LabDevice.RootPort port -> new QemuDevice.RootPort(port.id());
            case LabDevice.Bridge bridge -> new QemuDevice.PciBridge(bridge.id());
        };
    }

    private static dev.postern.attach.DiskAccess access(DiskAccess access) {
        return switch (access) {
            case READ_ONLY -> dev.postern.attach.DiskAccess.READ_ONLY;
            case READ_WRITE -> dev.postern.attach.DiskAccess.READ_WRITE;
        };
    }

    private static FeatureAdjustments adjustments(Map<AdjustableFeature, Boolean> features) {
        FeatureAdjustments adjustments = FeatureAdjustments.none();
        for (Map.Entry<AdjustableFeature, Boolean> feature : features.entrySet()) {
            String name = feature.getKey().label();
            adjustments = feature.getValue() ? adjustments.offer(name) : adjustments.withhold(name);
        }
        return adjustments;
    }
}
