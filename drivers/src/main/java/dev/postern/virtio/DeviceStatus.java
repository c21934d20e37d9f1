package dev.postern.virtio;

import java.util.ArrayList;
import java.util.List;

/** The bits of the device status field (content:33, "Device Status Field"). */
public final class DeviceStatus {

    /** The guest has noticed the device. */
    public static final int ACKNOWLEDGE = 1;

    /** The guest knows how to drive the device. */
    public static final int DRIVER = 2;

    /** The driver is ready; the device is live. */
    public static final int DRIVER_OK = 4;

    /** Feature negotiation is complete. */
    public static final int FEATURES_OK = 8;

    /** The device has met an error from which only a reset recovers. */
    public static final int NEEDS_RESET = 64;

    /** The guest has given up on the device. */
    public static final int FAILED = 128;

    private DeviceStatus() {}

    /** The names of the bits, for messages. */
    public static String describe(int status) {
        List<String> names = new ArrayList<>();
        int[] bits = {ACKNOWLEDGE, DRIVER, FEATURES_OK, DRIVER_OK, NEEDS_RESET, FAILED};
        String[] words = {"ACKNOWLEDGE", "DRIVER", "FEATURES_OK", "DRIVER_OK", "NEEDS_RESET", "FAILED"};
        for (int i = 0; i < bits.length; i++) {
            if ((status & bits[i]) != 0) {
                names.add(words[i]);
            }
        }
        return "0x%02x %s".formatted(status, names);
    }
}
