package dev.postern.boot;

import dev.postern.dma.DmaContext;
import dev.postern.memory.FrameAllocator;
import dev.postern.virtio.DeviceType;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.VirtioException;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.blk.BlkFeatures;
import dev.postern.virtio.blk.ZonedDisks;
import dev.postern.virtio.device.VirtioDevice;
import dev.postern.virtio.device.VirtioDriver;
import dev.postern.virtio.rng.RngDevice;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;

/** Which driver drives which device type. A new driver is one more row. */
final class DriverTable {

    /**
     * One driver.
     *
     * @param type what it drives
     * @param supported the features it makes use of
     * @param configBytes how much configuration a device that offers such features has; of use where a transport does not tell
     * @param check looks for devices of the type that it cannot drive
     * @param opener starts it on a negotiated device
     */
    record Row(
            DeviceType type, FeatureSet supported, ToIntFunction<FeatureSet> configBytes, Check check, Opener opener) {}

    /** Refuses a discovered device by what it offers; the device is given up when it throws. */
    @FunctionalInterface
    interface Check {
        void beforeNegotiation(VirtioDevice device, FeatureSet offered) throws VirtioException;
    }

    /** Starts a driver on a negotiated device; the device is given up when it throws. */
    @FunctionalInterface
    interface Opener {
        VirtioDriver open(VirtioDevice device, DmaContext dma, FrameAllocator frames) throws VirtioException;
    }

    private static final List<Row> ROWS = List.of(
            new Row(
                    BlkFeatures.TYPE,
                    BlkDevice.supportedFeatures(),
                    BlkDevice::configBytes,
                    ZonedDisks::refuseHostManaged,
                    BlkDevice::open),
            new Row(
                    RngDevice.TYPE,
                    RngDevice.supportedFeatures(),
                    offered -> 0,
                    (device, offered) -> {},
                    RngDevice::open));

    private static final Map<Integer, String> OTHER_TYPES = Map.of(
            1, "net", 3, "console", 5, "balloon", 8, "scsi", 9, "9p", 16, "gpu", 18, "input", 19, "vsock", 23, "iommu");

    private DriverTable() {}

    /** The driver for a device type. */
    static Optional<Row> driverFor(int typeId) {
        return ROWS.stream().filter(row -> row.type().id() == typeId).findFirst();
    }

    /** What a device type is called, driven here or not. */
    static DeviceType typeOf(int typeId) {
        return driverFor(typeId)
                .map(Row::type)
                .orElseGet(() -> new DeviceType(typeId, OTHER_TYPES.getOrDefault(typeId, "type-" + typeId), Map.of()));
    }
}
