package dev.postern.lab;

import static dev.postern.lab.DiskAccess.READ_ONLY;
import static dev.postern.lab.Images.SECTOR;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.bus.pci.PciFunction;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

@OnEveryPciMachine
class ShutdownTest {

    private static final int DRIVER_OK = 4;

    @Parameter
    Setting setting;

    @TempDir
    Path folder;

    @Test
    @Clause({"content:61", "transport-pci:512"})
    @Immunity(24)
    void afterAShutdownNoDeviceIsLiveOrReachesMemory() throws Exception {
        Path image = Images.random(folder, "image", 8 * SECTOR);
        try (Trial trial = Trial.boot(setting, new LabDevice.Disk("d0", image, READ_ONLY), new LabDevice.Rng("r0"))) {
            assertEquals(2, RawVirtio.of(trial).size());
            for (RawVirtio device : RawVirtio.of(trial)) {
                assertEquals(
                        DRIVER_OK,
                        device.status() & DRIVER_OK,
                        device.function().name());
                assertTrue(device.function().busMastering(), device.function().name());
            }
            trial.guest().close();
            for (RawVirtio device : RawVirtio.of(trial)) {
                assertEquals(0, device.status(), device.function().name());
                assertFalse(device.function().busMastering(), device.function().name());
            }
        }
    }

    @Test
    void aGuestMayBeShutDownTwice() throws Exception {
        try (Trial trial = Trial.boot(setting, new LabDevice.Rng("r0"))) {
            PciFunction function = RawVirtio.of(trial).getFirst().function();
            trial.guest().close();
            trial.guest().close();
            assertFalse(function.busMastering());
        }
    }
}
