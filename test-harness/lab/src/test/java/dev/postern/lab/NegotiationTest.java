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

@OnEveryMachine
class NegotiationTest {

    private static final FeatureSet OF_THE_PLATFORM = FeatureSet.of(
            ReservedFeatures.VERSION_1, ReservedFeatures.ACCESS_PLATFORM, ReservedFeatures.ORDER_PLATFORM);

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
        // Nobody here uses the reset of single queues.
        try (Trial trial = Trial.boot(
                setting,
                new LabDevice.Disk("d0", image, READ_ONLY).offering(AdjustableFeature.RING_RESET),
                new LabDevice.Rng("r0"))) {
            DeviceReport disk = trial.guest().devices().get(0);
            DeviceReport rng = trial.guest().devices().get(1);
            assertTrue(disk.offered().has(AdjustableFeature.RING_RESET.bit()));
            for (DeviceReport report : new DeviceReport[] {disk, rng}) {
                assertEquals(DeviceReport.Result.DRIVEN, report.outcome(), report.why());
                assertTrue(report.offered().containsAll(report.accepted()), report.toString());
                assertTrue(report.accepted().has(ReservedFeatures.VERSION_1), report.toString());
            }
            assertTrue(
                    BlkDevice.supportedFeatures().union(OF_THE_PLATFORM).containsAll(disk.accepted()), disk.toString());
            assertTrue(RingFeatures.SUPPORTED.union(OF_THE_PLATFORM).containsAll(rng.accepted()), rng.toString());
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
