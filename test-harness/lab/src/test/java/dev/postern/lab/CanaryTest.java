package dev.postern.lab;

import static dev.postern.lab.DiskAccess.READ_WRITE;
import static dev.postern.lab.Images.SECTOR;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import dev.postern.platform.SharedPurpose;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/** What looks for leaks finds those that are there: without this, finding none would say nothing. */
@OnSecure
class CanaryTest {

    private static final int PAGE = 4096;

    @Parameter
    Setting setting;

    @TempDir
    Path folder;

    @Test
    @Immunity({35, 44})
    void aPageThatIsSharedOnPurposeIsFoundBothByItsContentAndByItsPlace() throws Exception {
        Path image = Images.random(folder, "image", 8 * SECTOR);
        try (Trial trial = Trial.boot(setting, new LabDevice.Disk("d0", image, READ_WRITE))) {
            assertEquals(List.of(), trial.overshared());
            PhysRange leak = trial.shared().allocate(PAGE, FrameRequest.ANY, SharedPurpose.OTHER);
            assertFalse(trial.overshared().isEmpty(), "nobody saw that " + leak + " is shared");
            assertEquals(List.of(), trial.leaks());
            trial.canary().plant(trial.bytes(leak).asSlice(0, Canary.BYTES));
            assertEquals(1, trial.leaks().size(), trial.leaks().toString());
            trial.shared().free(leak);
            if (trial.machine().kind() == MachineKind.EMULATED) {
                // The page is the guest's again. What another process has seen, it has seen: there the guest itself wipes it.
                assertFalse(trial.machine().sharedPages().stream().anyMatch(leak::overlaps));
            }
            assertEquals(List.of(), trial.leaks());
            assertEquals(List.of(), trial.overshared());
        }
    }

    @Test
    @Immunity({35, 44})
    void aCanaryThatIsWrittenToADiskIsSeenOnItsWay() throws Exception {
        Path image = Images.random(folder, "image", 8 * SECTOR);
        Trial trial = Trial.boot(setting, new LabDevice.Disk("d0", image, READ_WRITE));
        try {
            PhysRange buffer = trial.buffer(SECTOR);
            trial.canary().plant(trial.bytes(buffer));
            assertEquals(List.of(), trial.leaks());
            trial.disk(0).write(0, buffer.basePa(), SECTOR);
            assertFalse(trial.leaks().isEmpty(), "a device read it");
        } finally {
            trial.abandon();
        }
    }

    @Test
    @Immunity(35)
    void whatLiesBesideABufferInItsPageIsNotSeenByADevice() throws Exception {
        Path image = Images.random(folder, "image", 8 * SECTOR);
        try (Trial trial = Trial.boot(setting, new LabDevice.Disk("d0", image, READ_WRITE))) {
            PhysRange page = trial.buffer(PAGE);
            for (int at = 0; at + 3 * SECTOR <= PAGE; at += SECTOR) {
                trial.canary().plant(trial.bytes(page));
                trial.bytes(page).asSlice(at + SECTOR, SECTOR).fill((byte) 0x5a);
                trial.disk(0).write(1, page.basePa() + at + SECTOR, SECTOR);
                trial.disk(0).read(1, page.basePa() + at + SECTOR, SECTOR);
            }
            // What a device has read stays known, and what came into a window stays there until it is
            // overwritten.
            assertEquals(List.of(), trial.leaks());
            switch (trial.machine()) {
                case LabMachine.Qemu(var qemu) ->
                    assertEquals(
                            List.of(),
                            qemu.findInProcess(trial.canary().needle()).matches());
                case LabMachine.VhostUser(var daemons) ->
                    assertEquals(
                            List.of(),
                            daemons.findInProcess(
                                            daemons.daemons().getFirst(),
                                            trial.canary().needle())
                                    .matches());
                case LabMachine.Emulated _, LabMachine.Overlaid _ -> {
                    // It has told what its devices read.
                }
            }
            trial.giveBack(page);
        }
    }
}
