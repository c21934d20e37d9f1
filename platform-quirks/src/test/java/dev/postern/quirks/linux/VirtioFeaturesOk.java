package dev.postern.quirks.linux;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import java.util.Optional;
import java.util.Set;

/**
 * The last check of features before a driver's probe.
 *
 * <p>Source: virtio_features_ok() in drivers/virtio/virtio.c, v6.12.117.
 */
final class VirtioFeaturesOk {

    private VirtioFeaturesOk() {}

    /** The error; empty when the features will do. */
    static Optional<LinuxAnswer.Refused> refusal(FactSheet sheet, Set<LinuxFeature> accepted) {
        if (VirtioCheckMemAcc.requires(sheet)) {
            if (!accepted.contains(LinuxFeature.VERSION_1)) {
                return refused("device must provide VIRTIO_F_VERSION_1");
            }
            if (!accepted.contains(LinuxFeature.ACCESS_PLATFORM)) {
                return refused("device must provide VIRTIO_F_ACCESS_PLATFORM");
            }
        }
        if (accepted.contains(LinuxFeature.VERSION_1)
                && sheet.is(FactName.NEEDS_ACCESS_PLATFORM, "yes")
                && sheet.is(FactName.ACCESS_PLATFORM, "offered")
                && !accepted.contains(LinuxFeature.ACCESS_PLATFORM)) {
            return refused("virtio: device refuses features");
        }
        return Optional.empty();
    }

    private static Optional<LinuxAnswer.Refused> refused(String message) {
        return Optional.of(new LinuxAnswer.Refused(Errno.ENODEV, message));
    }
}
