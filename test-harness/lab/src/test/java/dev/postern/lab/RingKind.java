package dev.postern.lab;

import dev.postern.attach.FeatureAdjustments;
import dev.postern.attach.QemuDevice;
import dev.postern.attach.QemuQ35;
import dev.postern.virtio.InterruptMode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One kind of ring, and where.
 *
 * @param machine where
 * @param interrupts how drivers hear of used buffers
 * @param format how it lies in memory
 * @param eventIndices whether devices offer EVENT_IDX
 * @param indirect whether they offer tables
 */
record RingKind(MachineKind machine, InterruptMode interrupts, Format format, boolean eventIndices, boolean indirect) {

    /** How a ring lies in memory. */
    enum Format {
        SPLIT,
        PACKED
    }

    boolean packed() {
        return format == Format.PACKED;
    }

    Setting setting() {
        return new Setting(machine, interrupts, ContextKind.AUDITED);
    }

    /** A machine with a disk of such a ring, which may be written to. */
    LabMachine machineWith(Path image) {
        return switch (machine) {
            case EMULATED ->
                LabMachine.open(
                        machine,
                        List.of(new LabDevice.Disk(
                                "d0",
                                image,
                                DiskAccess.READ_WRITE,
                                LabDevice.ROOT_BUS,
                                Map.of(
                                        AdjustableFeature.EVENT_IDX, eventIndices,
                                        AdjustableFeature.INDIRECT_DESC, indirect))));
            case QEMU_Q35 ->
                new LabMachine.Qemu(QemuQ35.builder()
                        .device(new QemuDevice.Disk(
                                image,
                                dev.postern.attach.DiskAccess.READ_WRITE,
                                "d0",
                                LabDevice.ROOT_BUS,
                                FeatureAdjustments.parse("%spacked%sevent_idx%sindirect_desc"
                                        .formatted(sign(packed()), sign(eventIndices), sign(indirect)))))
                        .build());
        };
    }

    private static String sign(boolean offered) {
        return offered ? "+" : "-";
    }

    @Override
    public String toString() {
        return "%s, %s, %s, event_idx %b, indirect_desc %b"
                .formatted(machine, interrupts, format, eventIndices, indirect)
                .toLowerCase(Locale.ROOT);
    }
}
