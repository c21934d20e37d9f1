package dev.postern.attach;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.postern.machine.MachineDiedException;
import dev.postern.machine.PortSpace;
import dev.postern.machine.PrivilegedActs.Instruction;
import dev.postern.machine.RamRegion;
import dev.postern.os.MemoryFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A secure guest on a real QEMU: what QEMU has, what it can get, and what reaches it. */
@Timeout(120)
class QemuWindowTest {

    private static final long MIB = 1 << 20;
    private static final long FOUR_GIB = 1L << 32;
    private static final ValueLayout.OfInt BIG_INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong BIG_LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LITTLE_LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int FW_CFG_SELECT_AND_READ = 8 | 2;

    @BeforeAll
    static void qemu() {
        Peer.requireQemu();
    }

    private static QemuQ35 machine() {
        return QemuQ35.builder().platform(SecurePlatform.SEV_SNP).build();
    }

    private static RamRegion privateRam(QemuQ35 machine) {
        return machine.ram().getLast();
    }

    private static MemorySegment window(QemuQ35 machine) {
        return machine.shareableRam().getLast().segment();
    }

    private static byte[] canary(long seed) {
        byte[] bytes = new byte[32];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static void put(byte[] bytes, MemorySegment segment, long offset) {
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, offset, bytes.length);
    }

    private static void assumeRoot() throws IOException {
        assumeTrue(ProcessCredentials.ours().effectiveUser() == 0, "not root: QEMU runs as this JVM's own user");
    }

    @ParameterizedTest
    @EnumSource(value = SecurePlatform.class, names = "PLAIN", mode = EnumSource.Mode.EXCLUDE)
    void theWindowIsAllThatQemuHasAndPrivateRamBeginsAtFourGib(SecurePlatform platform) {
        try (QemuQ35 machine = QemuQ35.builder()
                .platform(platform)
                .ramBytes(24 * MIB)
                .windowBytes(16 * MIB)
                .build()) {
            assertEquals(
                    List.of(0L, MIB, FOUR_GIB),
                    machine.ram().stream().map(RamRegion::basePa).toList());
            assertEquals(
                    List.of(0xa0000L, 15 * MIB, 8 * MIB),
                    machine.ram().stream().map(RamRegion::size).toList());
            assertEquals(machine.ram().subList(0, 2), machine.shareableRam());
            assertEquals(
                    16 * MIB,
                    machine.qmp("query-memory-size-summary", Map.of())
                            .path("base-memory")
                            .asLong());
            assertTrue(
                    machine.cpuFacts().isPresent() && machine.privilegedActs().isPresent());
            assertFalse(machine.isShared(MIB) || machine.isShared(FOUR_GIB));
        }
    }

    @Test
    void halfOfADefaultMachineIsTheWindow() {
        try (QemuQ35 machine = machine()) {
            assertEquals(64 * MIB, machine.shareableRam().getLast().endPa());
            assertEquals(FOUR_GIB + 64 * MIB, privateRam(machine).endPa());
        }
    }

    @Test
    void aPlainMachineSharesAllAndHasNoFacts() throws IOException {
        try (QemuQ35 machine = QemuQ35.builder().build()) {
            assertEquals(machine.ram(), machine.shareableRam());
            assertTrue(machine.cpuFacts().isEmpty() && machine.privilegedActs().isEmpty());
            assertTrue(machine.isShared(FOUR_GIB));
            assertFalse(machine.isShared(0xa0000));
            assertTrue(machine.isolation().contains("plain"), machine.isolation());
            put(canary(1), machine.ram().getLast().segment(), 64);
            assertEquals(List.of(FOUR_GIB + 64), machine.findInWindow(canary(1)));
            assertTrue(machine.memoryMapProof().holds());
        }
    }

    @Test
    void qemuReadsTheWindowAndNothingAtAnAddressOfPrivateRam() {
        try (QemuQ35 machine = machine()) {
            long value = 0x1122334455667788L;
            RamRegion secret = privateRam(machine);
            for (long offset : new long[] {0, MIB, secret.size() - 8}) {
                secret.segment().set(LITTLE_LONG, offset, value);
                assertEquals(0, machine.readAsQemu(secret.basePa() + offset));
            }
            window(machine).set(LITTLE_LONG, MIB, value);
            assertEquals(value, machine.readAsQemu(2 * MIB));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> machine.registers().read32(FOUR_GIB),
                    "it is RAM to the guest");
            assertThrows(
                    IllegalArgumentException.class, () -> machine.registers().read32(secret.endPa() - 4));
            machine.registers().read32(secret.endPa());
        }
    }

    /** The device that hands over QEMU's tables reads its command from RAM and writes to RAM, by DMA. */
    @Test
    void aDeviceReachesTheWindowAndMissesPrivateRam() {
        try (QemuQ35 machine = machine()) {
            MemorySegment window = window(machine);
            long commandPa = MIB;
            fetchSignature(machine, window, commandPa, commandPa + 64);
            assertEquals(0, window.get(BIG_INT, 0), "the command is done and has not failed");
            assertEquals(0x51454d55, window.get(BIG_INT, 64), "the signature QEMU");

            RamRegion secret = privateRam(machine);
            secret.segment().fill((byte) 0x5a);
            fetchSignature(machine, window, commandPa, FOUR_GIB + 64);
            assertEquals(0x5a5a5a5a, secret.segment().get(BIG_INT, 64), "a write to private RAM misses");

            window.set(BIG_INT, 64, 0);
            fetchSignature(machine, secret.segment(), FOUR_GIB, commandPa + 64);
            assertEquals(
                    FW_CFG_SELECT_AND_READ, secret.segment().get(BIG_INT, 0), "a command in private RAM is not seen");
            assertEquals(0, window.get(BIG_INT, 64));
        }
    }

    /** Writes a command at the beginning of a segment and tells the device its address. */
    private static void fetchSignature(QemuQ35 machine, MemorySegment segment, long commandPa, long targetPa) {
        segment.set(BIG_INT, 0, FW_CFG_SELECT_AND_READ);
        segment.set(BIG_INT, 4, 4);
        segment.set(BIG_LONG, 8, targetPa);
        PortSpace ports = machine.ports().orElseThrow();
        ports.out32(0x514, Integer.reverseBytes((int) (commandPa >>> 32)));
        ports.out32(0x518, Integer.reverseBytes((int) commandPa));
        // Any read waits for the writes before it.
        ports.in8(0x510);
    }

    @Test
    void aBarIsPlacedAboveThePrivateRam() {
        try (QemuQ35 machine = QemuQ35.builder()
                .platform(SecurePlatform.TDX)
                .device(new QemuDevice.Rng("r0"))
                .build()) {
            long top = privateRam(machine).endPa();
            ConfigPorts config = new ConfigPorts(machine);
            config.write32(0, 1, 0x20, (int) top);
            config.write32(0, 1, 0x24, (int) (top >>> 32));
            config.write32(0, 1, 0x04, 2);
            // The number of queues in the common configuration, which QEMU has at the beginning of this BAR.
            assertEquals(1, machine.registers().read16(top + 0x12));
        }
    }

    @Test
    void qemuMapsTheWindowAndNothingElseOfOurs() throws IOException {
        try (QemuQ35 machine = machine()) {
            MemoryMapProof proof = machine.memoryMapProof();
            assertTrue(proof.holds(), proof.describe());
            assertEquals(64 * MIB, proof.windowBytes());
            assertEquals(1, proof.window().size(), proof.describe());
            assertEquals(64 * MIB, proof.window().getFirst().size());
            assertTrue(proof.window().getFirst().name().contains("postern-window"), proof.describe());
            assertTrue(proof.windowDescriptors().size() <= 1, proof.describe());
            assertTrue(
                    proof.otherMappings().isEmpty() && proof.otherDescriptors().isEmpty(), proof.describe());
        }
    }

    @Test
    void aSecondMemoryOfOursInQemuIsToldAsAFlaw() throws IOException {
        try (MemoryFile leak = MemoryFile.create("leak", MIB);
                QemuQ35 machine = QemuQ35.builder()
                        .platform(SecurePlatform.SEV_SNP)
                        .extraWords(
                                "-object",
                                "memory-backend-file,id=leak,share=on,size=%d,mem-path=%s".formatted(MIB, leak.path()))
                        .build()) {
            MemoryMapProof proof = machine.memoryMapProof();
            assertFalse(proof.holds(), proof.describe());
            assertEquals(1, proof.otherMappings().size(), proof.describe());
            assertTrue(proof.describe().contains("memfd:leak"), proof.describe());
            assertEquals(64 * MIB, proof.window().getFirst().size());
        }
    }

    @Test
    void aCanaryInPrivateRamIsNowhereInQemuAndOneInTheWindowIsFound() throws IOException {
        try (QemuQ35 machine = machine()) {
            byte[] secret = canary(7);
            byte[] open = canary(8);
            MemorySegment privateSegment = privateRam(machine).segment();
            for (long offset = 0; offset < privateSegment.byteSize(); offset += MIB) {
                put(secret, privateSegment, offset + 100);
            }
            put(open, window(machine), 5 * MIB + 4090);
            assertEquals(List.of(), machine.findInWindow(secret));
            assertEquals(List.of(6 * MIB + 4090), machine.findInWindow(open));

            ProcessScan control = machine.findInProcess(open);
            assertEquals(1, control.matches().size(), control.toString());
            ProcessScan.Match match = control.matches().getFirst();
            assertTrue(match.mapping().contains("postern-window"), match.toString());
            assertEquals(6 * MIB + 4090, match.offset());
            ProcessScan scan = machine.findInProcess(secret);
            assertEquals(List.of(), scan.matches());
            assertTrue(scan.bytesRead() > 64 * MIB, scan.toString());
            assertTrue(scan.bytesUnread() < MIB, scan.toString());
            assertThrows(IllegalArgumentException.class, () -> machine.findInWindow(new byte[4]));
        }
    }

    /** The search reads QEMU's own memory too, not the window alone. */
    @Test
    void bytesInQemusOwnMemoryAreFound() throws IOException {
        try (QemuQ35 machine = QemuQ35.builder()
                .platform(SecurePlatform.SEV_SNP)
                .extraWords("-name", "canary-in-a-heap")
                .build()) {
            byte[] name = "canary-in-a-heap".getBytes(StandardCharsets.US_ASCII);
            assertEquals(List.of(), machine.findInWindow(name));
            assertFalse(machine.findInProcess(name).matches().isEmpty());
        }
    }

    @Test
    void qemuIsAnotherUserWithoutPowersWhenWeAreRoot() throws IOException {
        assumeRoot();
        try (QemuQ35 machine = machine()) {
            ProcessCredentials qemu = ProcessCredentials.of(machine.pid());
            assertTrue(qemu.onlyEver(QemuUser.OTHER_ID, QemuUser.OTHER_ID), qemu.toString());
            assertNotEquals(ProcessCredentials.ours().effectiveUser(), qemu.effectiveUser());
            assertTrue(machine.isolation().contains("user " + QemuUser.OTHER_ID), machine.isolation());
        }
    }

    @Test
    void whenWeAreNotRootTheLogSaysThatQemuIsTheSameUser() {
        QemuUser same = new QemuUser.Same(1000);
        assertEquals(List.of(), same.words());
        assertTrue(same.sentence().contains("own user 1000"), same.sentence());
        assertTrue(same.sentence().contains("root"), same.sentence());
    }

    /** QEMU is made to try it, over its control protocol; a plain machine, where it is root, succeeds. */
    @Test
    void qemuItselfIsRefusedAnotherMemoryOfOurs() throws IOException {
        assumeRoot();
        try (MemoryFile ours = MemoryFile.create("ours", MIB);
                QemuQ35 plain = QemuQ35.builder().build();
                QemuQ35 secure = machine()) {
            Map<String, Object> steal = Map.of(
                    "qom-type",
                    "memory-backend-file",
                    "id",
                    "steal",
                    "size",
                    MIB,
                    "share",
                    true,
                    "mem-path",
                    ours.path().toString());
            plain.qmp("object-add", steal);
            assertFalse(plain.memoryMapProof().holds());
            QmpException refused = assertThrows(QmpException.class, () -> secure.qmp("object-add", steal));
            assertTrue(refused.getMessage().contains("Permission denied"), refused.getMessage());
            assertTrue(secure.memoryMapProof().holds());
        }
    }

    @Test
    void conversionsChangeWhatQemuReads() {
        try (QemuQ35 machine =
                QemuQ35.builder().platform(SecurePlatform.PSERIES_SVM).build()) {
            long page = 32;
            long pa = page << 16;
            window(machine).set(LITTLE_LONG, pa - MIB, 42);
            assertEquals(42, machine.readAsQemu(pa));
            assertArrayEquals(
                    new long[] {0, 0, 0, 0, 0},
                    machine.privilegedActs().orElseThrow().execute(Instruction.ULTRAVISOR_CALL, 0xf130, page, 1));
            assertTrue(machine.isShared(pa));
            assertNotEquals(42, machine.readAsQemu(pa));
            window(machine).set(LITTLE_LONG, pa - MIB, 43);
            assertEquals(43, machine.readAsQemu(pa));
        }
    }

    @Test
    void aFatalActStopsTheMachineForGood() {
        try (QemuQ35 machine = machine()) {
            long pid = machine.pid();
            String deed = "ULTRAVISOR_CALL is no instruction of SEV-SNP";
            MachineDiedException died = assertThrows(
                    MachineDiedException.class,
                    () -> machine.privilegedActs().orElseThrow().execute(Instruction.ULTRAVISOR_CALL));
            assertTrue(died.getMessage().contains(deed), died.getMessage());
            assertFalse(Peer.isAlive(pid));
            MachineDiedException later =
                    assertThrows(MachineDiedException.class, () -> new ConfigPorts(machine).read32(0, 0, 0));
            assertTrue(later.getMessage().contains(deed), later.getMessage());
        }
    }
}
