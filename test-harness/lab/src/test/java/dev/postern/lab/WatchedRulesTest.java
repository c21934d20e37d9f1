package dev.postern.lab;

import static dev.postern.lab.DiskAccess.READ_WRITE;
import static dev.postern.lab.Images.SECTOR;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.app.Digest;
import dev.postern.app.Progress;
import dev.postern.emulated.DiskCounters;
import dev.postern.emulated.mischief.NeedsResetAt;
import dev.postern.memory.PhysRange;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/**
 * The emulated devices watch these rules and note each breach; a trial that ends with one fails. So every trial of the suite
 * shows them; the tests here go through a whole life, and see to it that the watch is awake.
 */
@OnEmulated
class WatchedRulesTest {

    @Parameter
    Setting setting;

    @TempDir
    Path folder;

    @Test
    @Clause({
        "content:66",
        "content:68",
        "content:142",
        "content:521",
        "content:533b",
        "content:535",
        "content:555",
        "content:951",
        "split-ring:61",
        "split-ring:151",
        "split-ring:223",
        "split-ring:266",
        "split-ring:267",
        "split-ring:271",
        "split-ring:274",
        "split-ring:321",
        "split-ring:341",
        "transport-pci:111",
        "transport-pci:283",
        "transport-pci:500",
        "transport-pci:507",
        "transport-pci:509",
        "transport-pci:512",
        "transport-pci:515",
        "transport-pci:1026",
        "transport-pci:1103",
        "transport-pci:1110",
        "blk:871",
        "blk:876",
        "blk:879",
        "blk:886",
        "entropy:34"
    })
    void aWholeLifeBreaksNoRule() throws Exception {
        Path image = Images.random(folder, "image", 3000 * SECTOR);
        for (AdjustableFeature withheld :
                new AdjustableFeature[] {AdjustableFeature.INDIRECT_DESC, AdjustableFeature.RING_RESET}) {
            try (Trial trial = Trial.boot(
                    setting,
                    new LabDevice.Disk("d0", image, READ_WRITE).withholding(withheld),
                    new LabDevice.Rng("r0"))) {
                new Digest().run(trial.guest().guest(Progress.NONE));
                PhysRange buffer = trial.buffer(9 * SECTOR);
                trial.disk(0).write(17, buffer.basePa(), 9 * SECTOR);
                trial.disk(0).flush();
                trial.disk(0).id();
                trial.giveBack(buffer);
                trial.guest().rngs().getFirst().fill(new byte[5000]);
                DiskCounters served = ((LabMachine.Emulated) trial.machine())
                        .machine()
                        .disk("d0")
                        .counters();
                assertTrue(served.reads() > 1 && served.writes() > 0, served.toString());
                assertEquals(1, served.flushes());
                assertEquals(1, served.idReads());
            }
        }
    }

    @Test
    @Clause({"content:68", "transport-pci:512"})
    void aRecoveryBreaksNoRule() throws Exception {
        try (Trial trial = Misbehaving.disk(setting, new NeedsResetAt(2), new NeedsResetAt(4))) {
            for (int i = 0; i < 8; i++) {
                Misbehaving.read(trial, i, 1);
            }
            assertEquals(2, trial.disk(0).recoveries());
        }
    }

    @Test
    void theWatchIsAwake() throws Exception {
        Trial trial = Misbehaving.disk(setting);
        RawVirtio disk = RawVirtio.of(trial).getFirst();
        disk.registers().write16(disk.common() + 18, 1);
        AssertionError noticed = assertThrows(AssertionError.class, trial::close);
        assertTrue(noticed.getMessage().contains("transport-pci:500"), noticed.getMessage());
    }

    @Test
    void memoryThatIsNotGivenBackIsNoticed() throws Exception {
        Trial trial = Misbehaving.disk(setting);
        trial.buffer(SECTOR);
        AssertionError noticed = assertThrows(AssertionError.class, trial::close);
        assertTrue(noticed.getMessage().contains("4096 bytes"), noticed.getMessage());
    }
}
