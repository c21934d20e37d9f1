package dev.postern.lab;

import static dev.postern.lab.DiskAccess.READ_WRITE;
import static dev.postern.lab.SocketGuest.SECTOR;
import static org.junit.jupiter.api.Assertions.*;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.postern.attach.MemoryMapProof;
import dev.postern.attach.ProcessScan;
import dev.postern.attach.StorageDaemon;
import dev.postern.attach.VhostUserMachine;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.InterruptMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * On a secure platform the daemon has the window and nothing else of ours: the system says so of its memory map, a search through all that
 * it can read finds nothing private, and the same search finds what was shown to it on purpose.
 */
@Timeout(300)
class DaemonIsolationTest {

    private static final int SECTORS = 512;

    @TempDir
    Path folder;

    @BeforeEach
    void needsTheDaemon() {
        Peers.require(MachineKind.VHOST_USER);
    }

    static Stream<Setting> secure() {
        return MachineKind.VHOST_USER.platforms().stream()
                .filter(PlatformKind::secure)
                .map(platform ->
                        new Setting(MachineKind.VHOST_USER, platform, InterruptMode.MSIX, ContextKind.AUDITED));
    }

    private static VhostUserMachine machine(Trial trial) {
        return ((LabMachine.VhostUser) trial.machine()).machine();
    }

    @ParameterizedTest
    @MethodSource("secure")
    void theDaemonMapsTheWindowAndNothingElseOfOurs(Setting setting) throws Exception {
        Path image = Images.random(folder, "image", SECTORS * SECTOR);
        byte[] content = Files.readAllBytes(image);
        try (Trial trial = Trial.boot(setting, new LabDevice.Disk("d0", image, READ_WRITE))) {
            SocketGuest.assertReads(trial, content, 0, 64);
            StorageDaemon daemon = machine(trial).daemons().getFirst();
            assertHolds(trial, daemon);
            // One that was started in place of another has no more.
            daemon.kill();
            SocketGuest.assertReads(trial, content, 64, 64);
            assertEquals(2, daemon.starts());
            assertHolds(trial, daemon);
        }
    }

    private static void assertHolds(Trial trial, StorageDaemon daemon) throws Exception {
        MemoryMapProof proof = machine(trial).memoryMapProof(daemon);
        assertTrue(proof.holds(), proof.toString());
        long shareable = trial.machine().machine().shareableRam().stream()
                .mapToLong(region -> region.size())
                .sum();
        assertEquals(shareable, proof.windowBytes());
        assertTrue(
                trial.machine().machine().ram().stream()
                                .mapToLong(region -> region.size())
                                .sum()
                        > shareable,
                "nothing is private");
    }

    @ParameterizedTest
    @MethodSource("secure")
    void whatIsPrivateIsNowhereInWhatTheDaemonCanRead(Setting setting) throws Exception {
        Path image = Images.random(folder, "image", SECTORS * SECTOR);
        byte[] content = Files.readAllBytes(image);
        try (Trial trial = Trial.boot(setting, new LabDevice.Disk("d0", image, READ_WRITE))) {
            StorageDaemon daemon = machine(trial).daemons().getFirst();
            byte[] needle = trial.canary().needle();
            PhysRange cage = trial.buffer(64 * 4096);
            trial.canary().plant(trial.bytes(cage));
            SocketGuest.assertReads(trial, content, 0, 64);
            // Beside what is written to the disk, in the same page.
            PhysRange page = trial.buffer(4096);
            trial.canary().plant(trial.bytes(page));
            trial.bytes(page).asSlice(SECTOR, SECTOR).fill((byte) 0x5a);
            trial.disk(0).write(1, page.basePa() + SECTOR, SECTOR);
            trial.disk(0).flush();
            ProcessScan scan = machine(trial).findInProcess(daemon, needle);
            assertEquals(List.of(), scan.matches());
            assertTrue(scan.bytesRead() >= 64 << 20, "only " + scan.bytesRead() + " bytes were searched");
            assertEquals(List.of(), machine(trial).findInWindow(needle));
            // The control: what was written to the disk went through the window.
            byte[] shown = new byte[32];
            Arrays.fill(shown, (byte) 0x5a);
            assertFalse(machine(trial).findInProcess(daemon, shown).matches().isEmpty());
            trial.bytes(cage).fill((byte) 0);
            trial.bytes(page).fill((byte) 0);
            trial.giveBack(page);
            trial.giveBack(cage);
        }
    }

    @ParameterizedTest
    @MethodSource("secure")
    void theDaemonIsOfAnotherUserWhereWeAreRoot(Setting setting) throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "another user needs root");
        Path image = Images.random(folder, "image", SECTORS * SECTOR);
        try (Trial trial = Trial.boot(setting, new LabDevice.Disk("d0", image, READ_WRITE))) {
            long pid = machine(trial).daemons().getFirst().pid();
            String uids = Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                    .filter(line -> line.startsWith("Uid:"))
                    .findFirst()
                    .orElseThrow();
            assertEquals(List.of("Uid:", "65533", "65533", "65533", "65533"), List.of(uids.split("\\s+")));
            assertTrue(
                    machine(trial).isolation().contains("65533"), machine(trial).isolation());
        }
    }
}
