package dev.postern.emulated;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What a disk says of itself.
 *
 * @param serial the id string, up to 20 ASCII characters; the device's name when empty
 * @param queues request queues, 1 to 16; more than one offers MQ
 * @param segMax the largest number of data segments of a request, 1 to 1022
 */
public record DiskOptions(Optional<String> serial, int queues, int segMax) {

    /** One queue, 126 segments, the name as id. */
    public static final DiskOptions DEFAULTS = new DiskOptions(Optional.empty(), 1, 126);

    /** Checks the ranges. */
    public DiskOptions {
        if (serial.isPresent()
                && (serial.get().length() > 20
                        || !StandardCharsets.US_ASCII.newEncoder().canEncode(serial.get()))) {
            throw new MachineConfigurationException(
                    "disk serial \"" + serial.get() + "\": give at most 20 ASCII characters");
        }
        if (queues < 1 || queues > 16) {
            throw new MachineConfigurationException("disk with " + queues + " queues: give 1 to 16");
        }
        if (segMax < 1 || segMax > 1022) {
            throw new MachineConfigurationException("disk with seg_max " + segMax + ": give 1 to 1022");
        }
    }

    /** The same with another id string. */
    public DiskOptions serial(String id) {
        return new DiskOptions(Optional.of(id), queues, segMax);
    }

    /** The same with another number of queues. */
    public DiskOptions queues(int count) {
        return new DiskOptions(serial, count, segMax);
    }

    /** The same with another largest number of segments. */
    public DiskOptions segMax(int count) {
        return new DiskOptions(serial, queues, count);
    }
}
