package dev.postern.lab;

import static dev.postern.lab.DiskAccess.READ_ONLY;
import static dev.postern.lab.Images.SECTOR;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.boot.DeviceReport;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.ReservedFeatures;
import dev.postern.virtio.RingFeatures;
import dev.postern.virtio.blk.BlkDevice;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

@OnEveryPciMachine
class NegotiationTest {

    private static final FeatureSet OF_THE_PLATFORM = FeatureSet.of(
            ReservedFeatures.VERSION_1, ReservedFeatures.ACCESS_PLATFORM, ReservedFeatures.ORDER_PLATFORM);

    private static final FeatureSet OF_THE_TRANSPORT = FeatureSet.of(
            ReservedFeatures.NOTIFICATION_DATA, ReservedFeatures.NOTIF_CONFIG_DATA, ReservedFeatures.RING_RESET);

    /** The driver of disks reads no field beyond the block size. */
    private static final int LAST_BYTE_READ = 24;

    @Parameter
    Setting setting;

    @TempDir
    Path folder;

    @Test
    @Clause({"content:142", "content:146", "content:147a", "content:147b", "content:159", "content:951"})
    void whatADriverDoesNotKnowIsNeitherAcceptedNorInTheWay() throws Exception {
        Path image = Images.random(folder, "image", 8 * SECTOR);
        try (Trial trial = Trial.boot(
                setting,
                new LabDevice.Disk("d0", image, READ_ONLY).offering(AdjustableFeature.RING_RESET),
                new LabDevice.Rng("r0"))) {
            DeviceReport disk = trial.guest().devices().get(0);
            DeviceReport rng = trial.guest().devices().get(1);
            assertTrue(disk.accepted().has(AdjustableFeature.RING_RESET.bit()), disk.toString());
            for (DeviceReport report : new DeviceReport[] {disk, rng}) {
                assertEquals(DeviceReport.Result.DRIVEN, report.outcome(), report.why());
                assertTrue(report.offered().containsAll(report.accepted()), report.toString());
                assertTrue(report.accepted().has(ReservedFeatures.VERSION_1), report.toString());
            }
            FeatureSet ofAll = OF_THE_PLATFORM.union(OF_THE_TRANSPORT);
            assertTrue(BlkDevice.supportedFeatures().union(ofAll).containsAll(disk.accepted()), disk.toString());
            assertTrue(RingFeatures.SUPPORTED.union(ofAll).containsAll(rng.accepted()), rng.toString());
            // QEMU offers the geometry, which no driver here reads; the emulated machine offers nothing that is
            // unknown.
            assertEquals(
                    setting.machine() == MachineKind.QEMU_Q35,
                    !BlkDevice.supportedFeatures().union(ofAll).containsAll(disk.offered()),
                    disk.toString());
            assertTrue(disk.accepted().containsAll(BlkDevice.supportedFeatures().intersect(disk.offered())));
        }
    }

    @Test
    @Clause("content:304")
    void aConfigurationLongerThanTheDriverReadsIsNoTrouble() throws Exception {
        Path image = Images.random(folder, "image", 8 * SECTOR);
        // The padding at the end is read by nobody.
        DiskSettings longest = DiskSettings.NONE.offering(DiskFeature.WRITE_ZEROES);
        try (Trial trial = Trial.boot(setting, new LabDevice.Disk("d0", image, READ_ONLY).settings(longest))) {
            long length = RawVirtio.of(trial).getFirst().deviceConfigurationBytes();
            assertTrue(length > LAST_BYTE_READ, length + " bytes");
            assertEquals(
                    DeviceReport.Result.DRIVEN,
                    trial.guest().devices().getFirst().outcome());
        }
    }
}
