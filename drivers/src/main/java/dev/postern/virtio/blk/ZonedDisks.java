package dev.postern.virtio.blk;

import dev.postern.virtio.DeviceBrokenException;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.blk.ConfigurationFields.Field;
import dev.postern.virtio.device.VirtioDevice;

/**
 * Disks with zones. ZONED is never accepted (blk:296), and then a host-aware disk, or one that manages its zones by itself, works like
 * any other (blk:339). A host-managed one does not: it would take FEATURES_OK back (blk:343) without saying why. So the model is
 * looked at before, which a device must allow for a feature that it offers (content:318).
 */
public final class ZonedDisks {

    /** blk:161, VIRTIO_BLK_Z_HM. */
    private static final long HOST_MANAGED = 1;

    private ZonedDisks() {}

    /**
     * Refuses a host-managed disk, which sets FAILED (blk:312).
     *
     * @param device discovered, not yet negotiated
     * @throws ProbeRefusedException when it is one; it was given up then
     * @throws DeviceBrokenException when its configuration never holds still; it was given up then
     */
    public static void refuseHostManaged(VirtioDevice device, FeatureSet offered)
            throws ProbeRefusedException, DeviceBrokenException {
        if (!offered.has(BlkFeatures.ZONED)) {
            return;
        }
        long model;
        try {
            model = device.readConfiguration(
                    transport -> Field.ZONED_MODEL.in(transport, offered) ? Field.ZONED_MODEL.read(transport) : 0L);
        } catch (DeviceBrokenException e) {
            device.giveUp();
            throw e;
        }
        if (model == HOST_MANAGED) {
            device.giveUp();
            throw new ProbeRefusedException(
                    "%s: a host-managed zoned disk, whose zones must be written in sequence, which no driver here does: give the guest a conventional or host-aware disk"
                            .formatted(device.name()));
        }
    }
}
