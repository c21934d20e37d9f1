package dev.postern.attach;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.postern.machine.MachineDiedException;
import dev.postern.machine.PrivilegedActs;
import dev.postern.machine.PrivilegedActs.Instruction;
import dev.postern.machine.RamRegion;
import dev.postern.os.ChildProcess;
import dev.postern.os.MemoryFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A secure guest with a real storage daemon: what the daemon has, what it can get, and what reaches it. */
@Timeout(120)
class VhostUserWindowTest {

    private static final long MIB = 1 << 20;
    private static final long WINDOW_PA = 5L << 30;
    private static final long PRIVATE_PA = 2L << 40;
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    @BeforeAll
    static void daemon() {
        Peer.requireStorageDaemon();
    }

    private static VhostUserMachine machine() {
        return VhostUserMachine.builder()
                .platform(SecurePlatform.SEV_SNP)
                .disk(StorageDisk.nothing(MIB))
                .build();
    }

    private static byte[] canary(long seed) {
        byte[] bytes = new byte[32];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static void put(byte[] bytes, MemorySegment segment, long offset) {
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, offset, bytes.length);
    }

    private static FrontEnd connect(VhostUserMachine machine) throws IOException {
        return new FrontEnd(machine, machine.channels().getFirst());
    }

    private static void assumeRoot() throws IOException {
        assumeTrue(ProcessCredentials.ours().effectiveUser() == 0, "not root: daemons run as this JVM's own user");
    }

    /** An image that every user can open, in a folder that every user can enter, if others let him. */
    private Path openImage() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path image = Files.write(folder.resolve("open.img"), new byte[1 << 20]);
        return Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("rw-rw-rw-"));
    }

    @ParameterizedTest
    @EnumSource(value = SecurePlatform.class, names = "PLAIN", mode = EnumSource.Mode.EXCLUDE)
    void onlyTheWindowHasAFileBehindItAndPrivateRamIsFarAway(SecurePlatform platform) {
        try (VhostUserMachine machine = VhostUserMachine.builder()
                .platform(platform)
                .ramBytes(24 * MIB)
                .windowBytes(16 * MIB)
                .build()) {
            assertEquals(
                    List.of(WINDOW_PA, PRIVATE_PA),
                    machine.ram().stream().map(RamRegion::basePa).toList());
            assertEquals(
                    List.of(16 * MIB, 8 * MIB),
                    machine.ram().stream().map(RamRegion::size).toList());
            assertEquals(machine.ram().subList(0, 1), machine.shareableRam());
            assertTrue(machine.ram().getFirst().backing().isPresent());
            assertTrue(machine.ram().getLast().backing().isEmpty());
            assertTrue(
                    machine.cpuFacts().isPresent() && machine.privilegedActs().isPresent());
            assertFalse(machine.isShared(WINDOW_PA) || machine.isShared(PRIVATE_PA));
        }
    }

    @Test
    void theDaemonMapsTheWindowAndNothingElseOfOurs() throws IOException {
        try (VhostUserMachine machine = machine();
                FrontEnd frontEnd = connect(machine)) {
            frontEnd.read(0);
            MemoryMapProof proof = machine.memoryMapProof(machine.daemons().getFirst());
            assertTrue(proof.holds(), proof.describe());
            assertEquals(64 * MIB, proof.windowBytes());
            assertTrue(proof.window().getFirst().name().contains("postern-window"), proof.describe());
            assertTrue(
                    proof.otherMappings().isEmpty() && proof.otherDescriptors().isEmpty(), proof.describe());
            assertTrue(proof.describe().startsWith("the storage daemon maps [67108864]"), proof.describe());
        }
    }

    /** A second memory is put among this JVM's shared mappings: the proof finds it where the daemon has it. */
    @Test
    void anImageThatThisJvmMapsTooIsToldAsAFlaw() throws IOException {
        Path image = openImage();
        try (VhostUserMachine machine = VhostUserMachine.builder()
                        .platform(SecurePlatform.TDX)
                        .disk(StorageDisk.image(image))
                        .build();
                FrontEnd frontEnd = connect(machine)) {
            frontEnd.read(0);
            assertTrue(machine.memoryMapProof(machine.daemons().getFirst()).holds());
            try (FileChannel _ = FileChannel.open(image)) {
                MemoryMapProof proof = machine.memoryMapProof(machine.daemons().getFirst());
                assertFalse(proof.holds(), proof.describe());
                assertTrue(proof.describe().contains("open.img"), proof.describe());
            }
        }
    }

    @Test
    void aCanaryInPrivateRamIsNowhereInTheDaemonAndOneInTheWindowIsFound() throws IOException {
        try (VhostUserMachine machine = machine();
                FrontEnd frontEnd = connect(machine)) {
            frontEnd.read(0);
            StorageDaemon daemon = machine.daemons().getFirst();
            byte[] secret = canary(7);
            byte[] open = canary(8);
            MemorySegment privateSegment = machine.ram().getLast().segment();
            for (long offset = 0; offset < privateSegment.byteSize(); offset += MIB) {
                put(secret, privateSegment, offset + 100);
            }
            put(open, machine.shareableRam().getFirst().segment(), 5 * MIB + 4090);
            assertEquals(List.of(), machine.findInWindow(secret));
            assertEquals(List.of(WINDOW_PA + 5 * MIB + 4090), machine.findInWindow(open));

            ProcessScan control = machine.findInProcess(daemon, open);
            assertEquals(1, control.matches().size(), control.toString());
            ProcessScan.Match match = control.matches().getFirst();
            assertTrue(match.mapping().contains("postern-window"), match.toString());
            assertEquals(5 * MIB + 4090, match.offset());
            ProcessScan scan = machine.findInProcess(daemon, secret);
            assertEquals(List.of(), scan.matches());
            assertTrue(scan.bytesRead() > 64 * MIB, scan.toString());
        }
    }

    @Test
    void theDaemonIsAnotherUserWithoutPowersWhenWeAreRootAlsoWhenItWasStartedAgain() throws IOException {
        assumeRoot();
        try (VhostUserMachine machine = machine()) {
            StorageDaemon daemon = machine.daemons().getFirst();
            for (int start = 1; start <= 2; start++) {
                connect(machine).close();
                assertEquals(start, daemon.starts());
                ProcessCredentials found = ProcessCredentials.of(daemon.pid());
                assertTrue(found.onlyEver(QemuUser.OTHER_ID, QemuUser.OTHER_ID), found.toString());
                List<String> status = Files.readAllLines(Path.of("/proc/" + daemon.pid() + "/status"));
                assertTrue(status.contains("NoNewPrivs:\t1"), status.toString());
                daemon.kill();
            }
            assertTrue(machine.isolation().contains("user 65533 without capabilities"), machine.isolation());
        }
    }

    @Test
    void anImageThatIsNotOpenToThatUserTakesOnePowerWhichTheSentenceNames() throws IOException {
        assumeRoot();
        Path image = Files.write(folder.resolve("ours.img"), new byte[1 << 20]);
        Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("rw-------"));
        try (VhostUserMachine machine = VhostUserMachine.builder()
                        .platform(SecurePlatform.PSERIES_SVM)
                        .disk(StorageDisk.image(image))
                        .build();
                FrontEnd frontEnd = connect(machine)) {
            assertArrayEquals(new byte[512], frontEnd.read(9));
            ProcessCredentials found =
                    ProcessCredentials.of(machine.daemons().getFirst().pid());
            assertTrue(
                    found.onlyEver(QemuUser.OTHER_ID, QemuUser.OTHER_ID, DaemonUser.Other.DAC_OVERRIDE),
                    found.toString());
            assertTrue(machine.isolation().contains("CAP_DAC_OVERRIDE"), machine.isolation());
        }
    }

    @Test
    void anImageThatIsOpenToThatUserTakesNoPower() throws IOException {
        assumeRoot();
        Path image = openImage();
        try (VhostUserMachine machine = VhostUserMachine.builder()
                .platform(SecurePlatform.TDX)
                .disk(StorageDisk.image(image))
                .build()) {
            assertTrue(machine.isolation().contains("without capabilities"), machine.isolation());
        }
        Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("r--r--r--"));
        try (VhostUserMachine machine = VhostUserMachine.builder()
                .platform(SecurePlatform.TDX)
                .disk(StorageDisk.image(image).withAccess(DiskAccess.READ_ONLY))
                .build()) {
            assertTrue(machine.isolation().contains("without capabilities"), machine.isolation());
        }
    }

    /** What the daemon could try, tried by a program that the system lets do as much: each of them fails, and as root each succeeds. */
    @Test
    void aProcessOfThatUserCannotOpenOurMemoryWhateverItsPower() throws IOException {
        assumeRoot();
        try (MemoryFile ours = MemoryFile.create("ours", MIB)) {
            long start = ours.segment().address();
            ours.segment().setString(0, "secret");
            List<String> attempts = List.of(
                    "dd if=/proc/%d/mem bs=6 count=1 skip=%d iflag=skip_bytes status=none"
                            .formatted(ProcessHandle.current().pid(), start),
                    "head -c 6 " + ours.path());
            for (String attempt : attempts) {
                assertEquals("secret", said(List.of(), attempt), "the control");
                for (long power : new long[] {DaemonUser.Other.NO_POWER, DaemonUser.Other.DAC_OVERRIDE}) {
                    String words = said(new DaemonUser.Other(QemuUser.OTHER_ID, power).prefix(), attempt);
                    assertTrue(words.contains("Permission denied"), words);
                }
            }
        }
    }

    private static String said(List<String> prefix, String script) throws IOException {
        List<String> words = new ArrayList<>(prefix);
        words.addAll(List.of("/bin/sh", "-c", script));
        try (ChildProcess process = ChildProcess.start(words)) {
            assertTrue(process.awaitExit(LONG), process::describe);
            return String.join(" ", process.lastLines());
        }
    }

    @Test
    void whoIsNotAsIntendedIsRefused() throws IOException {
        long ourselves = ProcessHandle.current().pid();
        IOException told = assertThrows(IOException.class, () -> new DaemonUser.Other(64999, 0).confirm(ourselves));
        assertTrue(told.getMessage().contains("user 64999"), told.getMessage());
        assertTrue(told.getMessage().contains("other than root"), told.getMessage());
    }

    @Test
    void whenWeAreNotRootTheLogSaysThatTheDaemonIsTheSameUser() {
        DaemonUser same = new DaemonUser.Same(1000);
        assertEquals(List.of(), same.prefix());
        assertTrue(same.sentence().contains("own user 1000"), same.sentence());
    }

    @Test
    void conversionsChangeWhatTheDaemonReads() throws IOException {
        try (VhostUserMachine machine =
                VhostUserMachine.builder().platform(SecurePlatform.PSERIES_SVM).build()) {
            MemorySegment window = machine.shareableRam().getFirst().segment();
            long page = (WINDOW_PA >> 16) + 32;
            long offset = 32L << 16;
            put(canary(3), window, offset);
            assertArrayEquals(
                    new long[] {0, 0, 0, 0, 0},
                    machine.privilegedActs().orElseThrow().execute(Instruction.ULTRAVISOR_CALL, 0xf130, page, 1));
            assertTrue(machine.isShared(page << 16));
            assertFalse(machine.isShared((page << 16) - 1));
            assertEquals(List.of(), machine.findInWindow(canary(3)));
        }
    }

    @Test
    void pagesOfTheWindowAreConvertedAsOnEveryMachine() {
        try (VhostUserMachine machine = machine()) {
            long pa = WINDOW_PA + 4096;
            MemorySegment window = machine.shareableRam().getFirst().segment();
            window.fill((byte) 0x5a);
            PrivilegedActs acts = machine.privilegedActs().orElseThrow();
            assertArrayEquals(
                    new long[] {0x015}, acts.execute(Instruction.VMGEXIT, 2L << 52 | pa | 0x014), "made shared");
            assertTrue(machine.isShared(pa) && !machine.isShared(pa - 1) && !machine.isShared(pa + 4096));
            assertNotEquals((byte) 0x5a, window.get(ValueLayout.JAVA_BYTE, 4096 + 100));
            assertEquals((byte) 0x5a, window.get(ValueLayout.JAVA_BYTE, 4095));
            assertEquals((byte) 0x5a, window.get(ValueLayout.JAVA_BYTE, 8192));
            byte[] once = window.asSlice(4096, 4096).toArray(ValueLayout.JAVA_BYTE);
            acts.mapPages(WINDOW_PA, 8192, 0);
            assertFalse(Arrays.equals(once, window.asSlice(4096, 4096).toArray(ValueLayout.JAVA_BYTE)));
            long top = WINDOW_PA + window.byteSize();
            assertArrayEquals(
                    new long[] {0x015 | 1L << 32},
                    acts.execute(Instruction.VMGEXIT, 2L << 52 | top | 0x014),
                    "beyond the window it is refused");
            assertArrayEquals(
                    new long[] {0x015 | 1L << 32}, acts.execute(Instruction.VMGEXIT, 2L << 52 | 4096 | 0x014));
        }
    }

    @Test
    void aRangeOfTheWindowIsConvertedInItsOwnAddressesUnderTdx() {
        try (VhostUserMachine machine = VhostUserMachine.builder()
                .platform(SecurePlatform.TDX)
                .ramBytes(16 * MIB)
                .windowBytes(8 * MIB)
                .build()) {
            PrivilegedActs acts = machine.privilegedActs().orElseThrow();
            long shared = 1L << 51;
            long last = WINDOW_PA + 8 * MIB - 4096;
            assertEquals(0, mapGpa(acts, last | shared), "the last page");
            assertTrue(machine.isShared(last) && !machine.isShared(last - 1) && !machine.isShared(WINDOW_PA));
            assertNotEquals(0, mapGpa(acts, last + 4096 | shared));
            assertNotEquals(0, mapGpa(acts, shared));
            assertNotEquals(0, mapGpa(acts, PRIVATE_PA | shared));
            acts.mapPages(last, 4096, shared);
            assertEquals(0, mapGpa(acts, last));
            assertFalse(machine.isShared(last));
        }
    }

    /** The host's answer to a request for one page (GHCI, MapGPA). */
    private static long mapGpa(PrivilegedActs acts, long pa) {
        long passed = 0b1111 << 10;
        return acts.execute(Instruction.TDCALL, 0, passed, 0, 0, 0, 0, 0x10001, pa, 4096)[5];
    }

    @Test
    void aFatalActStopsTheMachineAndItsDaemonsForGood() {
        try (VhostUserMachine machine = machine()) {
            StorageDaemon daemon = machine.daemons().getFirst();
            String deed = "ULTRAVISOR_CALL is no instruction of SEV-SNP";
            MachineDiedException died = assertThrows(
                    MachineDiedException.class,
                    () -> machine.privilegedActs().orElseThrow().execute(Instruction.ULTRAVISOR_CALL));
            assertTrue(died.getMessage().contains(deed), died.getMessage());
            assertFalse(daemon.isAlive());
            for (Executable use : List.<Executable>of(
                    () -> machine.cpu().halt(0),
                    () -> machine.channels().getFirst().connect(LONG))) {
                assertTrue(assertThrows(MachineDiedException.class, use)
                        .getMessage()
                        .contains(deed));
            }
        }
    }
}
