package dev.postern.lab;

import static dev.postern.lab.DiskAccess.READ_WRITE;
import static dev.postern.lab.Images.SECTOR;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.boot.DeviceReport;
import dev.postern.boot.ForcedPlan;
import dev.postern.machine.Cpu;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.VirtioException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Plans that are wrong on a secure platform. No ledger and no check of ours is in the way: each fails because of what the device
 * sees, in time, and none looks like a success.
 */
@OnSecure
class ForcedPlanTest {

    /** Where nothing guards the integrity of private memory: a device's write garbles it. */
    private static final Set<PlatformKind> DESTRUCTIVE = EnumSet.of(PlatformKind.SEV, PlatformKind.SEV_ES);

    private static final int SECTORS = 64;
    private static final Duration DEADLINE = Duration.ofMillis(300);

    @Parameter
    Setting setting;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(
            value = ForcedPlan.class,
            names = {"DIRECT", "DIRECT_DATA"})
    void aPlanThatGivesPrivateAddressesToADeviceFailsInTimeAndMovesNoData(ForcedPlan plan) throws Exception {
        Path image = Images.random(folder, "image", SECTORS * SECTOR);
        byte[] content = Files.readAllBytes(image);
        Trial trial = Trial.boot(
                setting.with(ContextKind.UNWATCHED),
                options -> options.withForced(plan),
                new LabDevice.Disk("d0", image, READ_WRITE));
        try {
            if (plan == ForcedPlan.DIRECT && trial.machine().kind() == MachineKind.VHOST_USER) {
                // A back-end is told where rings are in its own memory, and private memory is not there: it cannot be told at all.
                DeviceReport disk = trial.guest().devices().getFirst();
                assertNotEquals(DeviceReport.Result.DRIVEN, disk.outcome());
                assertTrue(disk.why().contains("where the back-end reaches no memory"), disk.why());
                assertArrayEquals(content, Files.readAllBytes(image));
                return;
            }
            trial.disk(0).requestDeadline(DEADLINE);
            PhysRange buffer = trial.buffer(4096);
            MemorySegment bytes = trial.bytes(buffer);
            trial.canary().plant(bytes);
            byte[] before = bytes.toArray(ValueLayout.JAVA_BYTE);
            Cpu cpu = trial.machine().machine().cpu();
            long start = cpu.nanoTime();
            ask(plan, () -> trial.disk(0).read(8, buffer.basePa(), 4096));
            byte[] after = bytes.toArray(ValueLayout.JAVA_BYTE);
            assertFalse(
                    Arrays.equals(after, Arrays.copyOfRange(content, 8 * SECTOR, 16 * SECTOR)),
                    "the guest got what is on the disk");
            if (!DESTRUCTIVE.contains(setting.platform())) {
                assertArrayEquals(before, after, "nothing of the device arrived");
            }
            ask(plan, () -> trial.disk(0).write(8, buffer.basePa(), 4096));
            long waited = cpu.nanoTime() - start;
            assertTrue(waited < 4 * DEADLINE.toNanos(), "after " + waited + " ns");
            assertFalse(
                    Arrays.equals(before, Arrays.copyOfRange(Files.readAllBytes(image), 8 * SECTOR, 16 * SECTOR)),
                    "the device got the private bytes");
            assertEquals(java.util.List.of(), trial.leaks());
            if (trial.machine().kind() == MachineKind.EMULATED) {
                assertTrue(
                        trial.machine().guestErrors().stream()
                                .anyMatch(error ->
                                        error.contains("private-page") || error.contains("cca:protected-address")),
                        trial.machine().guestErrors().toString());
                if (plan == ForcedPlan.DIRECT) {
                    assertArrayEquals(content, Files.readAllBytes(image), "and wrote nothing");
                }
            }
        } finally {
            trial.abandon();
        }
    }

    /** A read or a write. */
    private interface Act {
        void run() throws VirtioException;
    }

    /**
     * With everything private the device cannot even read what is asked of it. With private data alone it can, and where its accesses
     * do not fault it may call them a success: a wrong plan is not always a loud one.
     */
    private static void ask(ForcedPlan plan, Act act) {
        try {
            act.run();
        } catch (VirtioException failed) {
            assertFalse(failed.getMessage().contains("\n"), failed.getMessage());
            return;
        }
        assertEquals(ForcedPlan.DIRECT_DATA, plan, "the device answered what it cannot have read");
    }

    @Test
    void theDecidedPlanServesTheSameDisk() throws Exception {
        Path image = Images.random(folder, "image", SECTORS * SECTOR);
        byte[] content = Files.readAllBytes(image);
        try (Trial trial =
                Trial.boot(setting.with(ContextKind.UNWATCHED), new LabDevice.Disk("d0", image, READ_WRITE))) {
            PhysRange buffer = trial.buffer(4096);
            trial.disk(0).read(8, buffer.basePa(), 4096);
            assertArrayEquals(
                    Arrays.copyOfRange(content, 8 * SECTOR, 16 * SECTOR),
                    trial.bytes(buffer).toArray(ValueLayout.JAVA_BYTE));
            trial.giveBack(buffer);
        }
    }
}
