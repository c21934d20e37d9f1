package dev.postern.virtio.blk;

import dev.postern.virtio.DeviceBrokenException;
import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.device.VirtioDevice;

/** The configuration as last read, and whether it is still so. Threads as for the disk. */
final class WatchedConfiguration {

    private final VirtioDevice device;
    private final VirtioDevice.ConfigurationRead<Boolean> differs = transport -> fields().differ(transport);
    private ConfigurationFields fields;
    private BlkConfiguration now;
    /** What the cache was switched to; null when nobody has. */
    private CacheMode chosen;

    /**
     * Reads it for the first time.
     *
     * @throws ProbeRefusedException when a value makes no sense
     * @throws DeviceBrokenException when it never holds still
     */
    WatchedConfiguration(VirtioDevice device) throws ProbeRefusedException, DeviceBrokenException {
        this.device = device;
        readAgain();
    }

    BlkConfiguration now() {
        return now;
    }

    /** Reads all of it; as the constructor. What was known stays known when the new one makes no sense. */
    void readAgain() throws ProbeRefusedException, DeviceBrokenException {
        ConfigurationFields read =
                device.readConfiguration(transport -> ConfigurationFields.read(transport, device.accepted()));
        now = BlkConfiguration.of(device.name(), read);
        fields = read;
    }

    /** Looks at what may change, and reads all of it when it did (blk:868). Allocates nothing when it did not. */
    void look() throws ProbeRefusedException, DeviceBrokenException {
        if (device.readConfiguration(differs)) {
            readAgain();
        }
    }

    /**
     * Switches the cache (blk:900) and reads what came of it.
     *
     * @throws DeviceBrokenException when the device does not do it
     */
    void switchCache(CacheMode mode) throws ProbeRefusedException, DeviceBrokenException {
        write(mode);
        readAgain();
        if (now.cache().filter(mode::equals).isEmpty()) {
            throw new DeviceBrokenException("%s: the cache does not go into %s mode".formatted(device.name(), mode));
        }
        chosen = mode;
    }

    /** After a reset the cache may be in either mode (blk:251): it is put back into the one that was chosen. */
    void restoreAfterReset() {
        if (chosen != null) {
            write(chosen);
        }
    }

    private void write(CacheMode mode) {
        device.writeConfig8(ConfigurationFields.Field.WRITEBACK.offset, mode == CacheMode.WRITEBACK ? 1 : 0);
    }

    private ConfigurationFields fields() {
        return fields;
    }
}
