package dev.postern.lab;

import static dev.postern.lab.DiskAccess.READ_ONLY;
import static dev.postern.lab.Images.SECTOR;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.app.Digest;
import dev.postern.app.Progress;
import dev.postern.boot.DeviceReport;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/** Devices that reach a pool and nothing else. What they could reach besides, every trial looks at when it closes. */
@OnEveryBouncedMachine
class BouncedDiskTest {

    private static final int SECTORS = 4099;

    @Parameter
    Setting setting;

    @TempDir
    Path folder;

    @Test
    void theDigestOfADiskIsThatOfItsImageAndEveryByteWasBounced() throws Exception {
        Path image = Images.random(folder, "image", SECTORS * SECTOR);
        try (Trial trial = Trial.boot(setting, new LabDevice.Disk("d0", image, READ_ONLY))) {
            assertEquals(setting.platform().label(), trial.guest().platform().name());
            DeviceReport report = trial.guest().devices().getFirst();
            assertTrue(report.plan().startsWith("Bounced"), report.plan());
            long inUse = trial.pool().statistics().bytesInUse();
            String digest = new Digest()
                    .run(trial.guest().guest(Progress.NONE))
                    .byDevice()
                    .get("blk0");
            assertEquals(Images.sha256(image), digest, Seed.words());
            long bounced = trial.pool().statistics().bytesBounced();
            assertTrue(bounced >= SECTORS * SECTOR, bounced + " bytes bounced");
            assertEquals(inUse, trial.pool().statistics().bytesInUse(), "a slot leaked");
        }
    }

    @Test
    void randomBytesAreBounced() throws Exception {
        try (Trial trial = Trial.boot(setting, new LabDevice.Rng("r0"))) {
            byte[] bytes = new byte[5000];
            trial.guest().rngs().getFirst().fill(bytes);
            long bounced = trial.pool().statistics().bytesBounced();
            assertTrue(bounced >= bytes.length, bounced + " bytes bounced");
            for (int at = 0; at < bytes.length; at += 100) {
                int sum = 0;
                for (int i = at; i < at + 100; i++) {
                    sum |= bytes[i];
                }
                assertNotEquals(0, sum, "a hundred zeros at " + at);
            }
        }
    }
}
