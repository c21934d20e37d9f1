package dev.postern.quirks.linux;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Which reserved features remain when the transport and the driver have had their say.
 *
 * <p>Source, v6.12.117: virtio_dev_probe() in drivers/virtio/virtio.c keeps all transport features that are offered;
 * vring_transport_features() in drivers/virtio/virtio_ring.c knows these three; vp_finalize_features() in virtio_pci_modern.c,
 * vm_finalize_features() in virtio_mmio.c and virtio_ccw_finalize_features() in drivers/s390/virtio/virtio_ccw.c refuse a modern
 * interface without VERSION_1 with -EINVAL; virtballoon_validate() in virtio_balloon.c clears ACCESS_PLATFORM afterwards.
 */
final class VirtioFinalizeFeatures {

    /** VIRTIO_ID_BALLOON. */
    private static final long BALLOON = 5;

    private VirtioFinalizeFeatures() {}

    /** The error of the transport; empty when it has none. */
    static Optional<LinuxAnswer.Refused> refusal(FactSheet sheet) {
        if (VirtioTransport.isLegacy(sheet) || sheet.is(FactName.VERSION_1, "offered")) {
            return Optional.empty();
        }
        String message = switch (sheet.value(FactName.TRANSPORT)) {
            case "modern-mmio" -> "New virtio-mmio devices (version 2) must provide VIRTIO_F_VERSION_1 feature!";
            case "ccw" -> "virtio: device uses revision 1 but does not have VIRTIO_F_VERSION_1";
            default -> "virtio: device uses modern interface but does not have VIRTIO_F_VERSION_1";
        };
        return Optional.of(new LinuxAnswer.Refused(Errno.EINVAL, message));
    }

    /** The features that are accepted, had the transport no objection. */
    static Set<LinuxFeature> accepted(FactSheet sheet) {
        Set<LinuxFeature> accepted = EnumSet.noneOf(LinuxFeature.class);
        if (VirtioTransport.isLegacy(sheet)) {
            // Bits from 32 on are never read there.
            return accepted;
        }
        if (sheet.is(FactName.VERSION_1, "offered")) {
            accepted.add(LinuxFeature.VERSION_1);
        }
        if (sheet.is(FactName.ACCESS_PLATFORM, "offered") && sheet.number(FactName.DEVICE_TYPE) != BALLOON) {
            accepted.add(LinuxFeature.ACCESS_PLATFORM);
        }
        if (sheet.is(FactName.ORDER_PLATFORM, "offered")) {
            accepted.add(LinuxFeature.ORDER_PLATFORM);
        }
        return accepted;
    }
}
