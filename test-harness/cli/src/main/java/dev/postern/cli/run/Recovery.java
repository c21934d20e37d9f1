package dev.postern.cli.run;

import dev.postern.boot.BootedGuest;
import dev.postern.virtio.blk.BlkDevice;
import java.util.List;

/**
 * A disk that broke while the guest ran, and was reset and used again.
 *
 * @param device what the guest calls it
 * @param resets of the device or of one of its queues
 */
public record Recovery(String device, long resets) {

    /** Those of a guest that is up. */
    static List<Recovery> of(BootedGuest guest) {
        return guest.disks().stream()
                .filter(disk -> disk.recoveries() > 0)
                .map(Recovery::of)
                .toList();
    }

    private static Recovery of(BlkDevice disk) {
        return new Recovery(disk.name(), disk.recoveries());
    }
}
