package dev.postern.attach;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.machine.Channel;
import dev.postern.machine.ChannelConnection;
import dev.postern.machine.ChannelException;
import dev.postern.machine.Doorbell;
import dev.postern.machine.Latch;
import dev.postern.machine.MachineDiedException;
import dev.postern.machine.RamRegion;
import dev.postern.os.HugePages;
import dev.postern.os.OpenDescriptors;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** A plain machine with real storage daemons. */
@Timeout(120)
class VhostUserMachineTest {

    private static final long MIB = 1 << 20;
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    @BeforeAll
    static void daemon() {
        Peer.requireStorageDaemon();
    }

    private static byte[] content() {
        byte[] content = new byte[1 << 20];
        new Random(11).nextBytes(content);
        return content;
    }

    private Path image() throws IOException {
        return Files.write(folder.resolve("disk.img"), content());
    }

    private static byte[] sector(long number) {
        return Arrays.copyOfRange(content(), (int) number * 512, (int) number * 512 + 512);
    }

    @Test
    void aSectorIsReadFromTheImage() throws IOException {
        try (VhostUserMachine machine =
                VhostUserMachine.builder().disk(StorageDisk.image(image())).build()) {
            Channel channel = machine.channels().getFirst();
            assertEquals("vhost-user disk0 (" + folder.resolve("disk.img") + ")", channel.name());
            assertEquals(2, channel.deviceKind());
            try (FrontEnd frontEnd = new FrontEnd(machine, channel)) {
                for (long number : new long[] {0, 7, 2047}) {
                    assertArrayEquals(sector(number), frontEnd.read(number));
                    assertTrue(frontEnd.call().look(), "the daemon calls");
                }
                assertEquals(0, frontEnd.features() & 1 << 5, "it can be written");
            }
            assertTrue(machine.daemons().getFirst().isAlive());
            assertTrue(channel.condition().contains("still runs"), channel.condition());
        }
    }

    @Test
    void ramIsOneRegionWithAFileBehindIt() {
        try (VhostUserMachine machine =
                VhostUserMachine.builder().ramBytes(8 * MIB).build()) {
            assertEquals(machine.ram(), machine.shareableRam());
            RamRegion ram = machine.ram().getFirst();
            assertEquals(List.of(5L << 30, 8 * MIB), List.of(ram.basePa(), ram.size()));
            RamRegion.Backing backing = ram.backing().orElseThrow();
            assertEquals(0, backing.offsetBytes());
            boolean huge = machine.ramPages().startsWith("huge pages of 2 MiB");
            assertEquals(huge ? HugePages.BYTES : 4096, backing.pageBytes(), machine.ramPages());
            assertTrue(machine.isShared(ram.basePa()) && !machine.isShared(ram.endPa()));
            assertTrue(machine.channels().isEmpty() && machine.daemons().isEmpty());
            assertTrue(machine.cpuFacts().isEmpty() && machine.privilegedActs().isEmpty());
            assertEquals(-1, machine.registers().read32(0xd000_0000L));
            machine.registers().write32(0xd000_0000L, 1);
            assertThrows(
                    IllegalArgumentException.class, () -> machine.registers().read32(ram.basePa()));
            assertThrows(
                    IllegalArgumentException.class, () -> machine.registers().read32(2));
        }
    }

    @Test
    void withTooFewHugePagesSmallOnesAreTakenAndTheLogSaysWhy() {
        // More than any system of ours has.
        long more = 1L << 40;
        try (VhostUserMachine machine =
                VhostUserMachine.builder().ramBytes(more).build()) {
            assertTrue(machine.ramPages().startsWith("pages of 4 KiB: "), machine.ramPages());
            assertTrue(machine.ramPages().contains("nr_hugepages"), machine.ramPages());
            assertEquals(4096, machine.ram().getFirst().backing().orElseThrow().pageBytes());
        }
        try (VhostUserMachine machine =
                VhostUserMachine.builder().ramBytes(5 * MIB).build()) {
            assertTrue(machine.ramPages().contains("no multiple of 2 MiB"), machine.ramPages());
        }
    }

    @Test
    void aDiskIsAsItWasAskedFor() throws IOException {
        try (VhostUserMachine machine = VhostUserMachine.builder()
                .disk(StorageDisk.image(image()).withAccess(DiskAccess.READ_ONLY))
                .disk(StorageDisk.nothing(1 << 30).withQueues(3))
                .disk(StorageDisk.nothing(1 << 30).withContent(new StorageDisk.Nothing(1 << 30, NullReads.ZEROED)))
                .build()) {
            assertEquals(3, machine.daemons().size());
            try (FrontEnd readOnly = new FrontEnd(machine, machine.channels().get(0))) {
                assertTrue((readOnly.features() & 1 << 5) != 0);
                assertArrayEquals(sector(3), readOnly.read(3));
            }
            try (FrontEnd several = new FrontEnd(machine, machine.channels().get(1))) {
                assertTrue((several.features() & 1 << 12) != 0);
                machine.ram().getFirst().segment().set(ValueLayout.JAVA_BYTE, 0x4000, (byte) 77);
                assertEquals(77, several.read(1)[0], "untouched");
            }
            try (FrontEnd zeroed = new FrontEnd(machine, machine.channels().get(2))) {
                assertArrayEquals(new byte[512], zeroed.read(1));
            }
        }
    }

    @Test
    void aQcow2ImageIsOneWhenItIsSaidToBe() throws Exception {
        Path image = folder.resolve("disk.qcow2");
        Process made = new ProcessBuilder("qemu-img", "create", "-q", "-f", "qcow2", image.toString(), "4M")
                .inheritIO()
                .start();
        assertEquals(0, made.waitFor());
        StorageDisk disk = StorageDisk.image(image).withContent(new StorageDisk.Image(image, ImageFormat.QCOW2));
        try (VhostUserMachine machine = VhostUserMachine.builder().disk(disk).build();
                FrontEnd frontEnd = new FrontEnd(machine, machine.channels().getFirst())) {
            assertArrayEquals(new byte[512], frontEnd.read(8191));
        }
    }

    @Test
    void aDaemonThatWasKilledIsStartedByTheNextConnection() throws IOException {
        try (VhostUserMachine machine =
                VhostUserMachine.builder().disk(StorageDisk.image(image())).build()) {
            StorageDaemon daemon = machine.daemons().getFirst();
            Channel channel = machine.channels().getFirst();
            long first = daemon.pid();
            try (FrontEnd frontEnd = new FrontEnd(machine, channel)) {
                frontEnd.read(1);
                daemon.kill();
                frontEnd.submitRead(2);
                assertFalse(frontEnd.awaitAnswer());
                assertTrue(frontEnd.connection().hungUp());
                assertTrue(frontEnd.connection().arrivals().look(), "a hang-up is an arrival");
                ChannelException told = assertThrows(
                        ChannelException.class,
                        () -> frontEnd.connection()
                                .receive(ByteBuffer.allocate(1), System.nanoTime() + LONG.toNanos()));
                assertEquals(ChannelException.Reason.HUNG_UP, told.reason());
                assertTrue(told.getMessage().startsWith(channel.name()), told.getMessage());
                assertFalse(told.getMessage().contains("\n"));
            }
            Peer.await(() -> !daemon.isAlive());
            assertTrue(channel.condition().contains("was ended by signal 9"), channel.condition());
            try (FrontEnd frontEnd = new FrontEnd(machine, channel)) {
                assertArrayEquals(sector(2), frontEnd.read(2));
                assertEquals(2, daemon.starts());
                assertTrue(daemon.pid() != first);
            }
        }
    }

    @Test
    void fiftyRestartsLeaveNoDescriptor() throws IOException {
        for (int round = 0; round < 2; round++) {
            int before = OpenDescriptors.count();
            try (VhostUserMachine machine =
                    VhostUserMachine.builder().disk(StorageDisk.image(image())).build()) {
                restart(machine, round == 0 ? 1 : 50);
            }
            // The first round loads classes.
            if (round > 0) {
                Peer.awaitDescriptors(before);
            }
        }
    }

    /** Two ways in turn: the power is cut, and the process is killed, before, while and after it is connected to. */
    private static void restart(VhostUserMachine machine, int times) throws IOException {
        Channel channel = machine.channels().getFirst();
        StorageDaemon daemon = machine.daemons().getFirst();
        long slowest = 0;
        int open = 0;
        for (int i = 1; i <= times; i++) {
            try (FrontEnd frontEnd = new FrontEnd(machine, channel)) {
                assertArrayEquals(sector(i), frontEnd.read(i));
                if (i % 2 == 0) {
                    daemon.kill();
                    assertTrue(frontEnd.awaitAnswer());
                } else {
                    daemon.suspend();
                    assertTrue(channel.powerCycle(LONG));
                    assertTrue(frontEnd.connection().hungUp(), "it was closed here");
                }
            }
            long start = System.nanoTime();
            channel.connect(LONG).close();
            slowest = Math.max(slowest, System.nanoTime() - start);
            if (i == 2) {
                open = OpenDescriptors.count();
            } else if (i > 2) {
                Peer.awaitDescriptors(open);
            }
        }
        System.out.printf("%d restarts, the slowest in %.1f ms%n", times, slowest / 1e6);
        assertEquals(times + 1, daemon.starts());
    }

    @Test
    void aSuspendedDaemonDoesNotAnswerAndGoesOnWhenItIsResumed() throws IOException {
        try (VhostUserMachine machine = VhostUserMachine.builder()
                        .disk(StorageDisk.image(image()))
                        .build();
                FrontEnd frontEnd = new FrontEnd(machine, machine.channels().getFirst())) {
            StorageDaemon daemon = machine.daemons().getFirst();
            frontEnd.read(1);
            daemon.suspend();
            frontEnd.submitRead(2);
            long deadline = System.nanoTime() + 20_000_000;
            while (System.nanoTime() < deadline) {
                machine.cpu().halt(deadline);
            }
            assertFalse(frontEnd.answered() || frontEnd.connection().hungUp());
            assertTrue(daemon.isAlive());
            daemon.resume();
            assertTrue(frontEnd.awaitAnswer());
            assertArrayEquals(sector(2), frontEnd.data());
        }
    }

    @Test
    void aSecondConnectionWaitsForTheFirst() throws IOException {
        try (VhostUserMachine machine =
                VhostUserMachine.builder().disk(StorageDisk.image(image())).build()) {
            Channel channel = machine.channels().getFirst();
            FrontEnd first = new FrontEnd(machine, channel);
            try (ChannelConnection second = channel.connect(LONG)) {
                ByteBuffer question = ByteBuffer.allocate(12).put(0, (byte) 1).put(4, (byte) 1);
                second.send(question, new int[0], System.nanoTime() + LONG.toNanos());
                assertThrows(
                        ChannelException.class,
                        () -> second.receive(ByteBuffer.allocate(12), System.nanoTime() + 20_000_000));
                first.close();
                second.receive(ByteBuffer.allocate(12), System.nanoTime() + LONG.toNanos());
            }
        }
    }

    @Test
    void aStreamPairReachesAcross() throws IOException {
        try (VhostUserMachine machine =
                VhostUserMachine.builder().disk(StorageDisk.nothing(512)).build()) {
            Channel channel = machine.channels().getFirst();
            Channel.StreamPair pair = channel.openPair();
            try (ChannelConnection ours = pair.ours()) {
                assertFalse(ours.hungUp());
                ours.closeDescriptor(pair.theirDescriptor());
                assertTrue(ours.hungUp());
            }
        }
    }

    @Test
    void relaxSeesATripToo() throws IOException {
        try (VhostUserMachine machine =
                VhostUserMachine.builder().disk(StorageDisk.nothing(512)).build()) {
            Channel channel = machine.channels().getFirst();
            Channel.StreamPair pair = channel.openPair();
            Latch arrivals = pair.ours().arrivals();
            assertFalse(arrivals.look());
            pair.ours().closeDescriptor(pair.theirDescriptor());
            Peer.await(() -> {
                machine.cpu().relax();
                return arrivals.take();
            });
            assertFalse(arrivals.look());
        }
    }

    @Test
    void closingEndsAllThatTheMachineGaveOut() throws IOException {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        VhostUserMachine machine =
                VhostUserMachine.builder().disk(StorageDisk.image(image())).build();
        long pid = machine.daemons().getFirst().pid();
        Path socket = machine.daemons().getFirst().socket();
        assertTrue(Files.exists(socket) && socket.startsWith(temporary), socket.toString());
        Channel channel = machine.channels().getFirst();
        ChannelConnection connection = channel.connect(LONG);
        Latch latch = channel.latch();
        Doorbell doorbell = channel.doorbell();
        machine.close();
        machine.close();
        assertFalse(Peer.isAlive(pid));
        assertFalse(Files.exists(socket.getParent()));
        assertTrue(connection.hungUp());
        doorbell.ring();
        connection.close();
        latch.close();
        doorbell.close();
        for (Executable use : List.<Executable>of(
                () -> machine.cpu().halt(Long.MAX_VALUE),
                () -> machine.registers().read8(0),
                () -> channel.connect(LONG),
                channel::latch)) {
            assertEquals(
                    "vhost-user was closed",
                    assertThrows(MachineDiedException.class, use).getMessage());
        }
    }

    @Test
    void closingFromAnotherThreadEndsAGuestThatHalts() throws Exception {
        VhostUserMachine machine = VhostUserMachine.builder().build();
        AtomicReference<Throwable> end = new AtomicReference<>();
        Thread guest = Thread.ofPlatform().start(() -> {
            try {
                while (true) {
                    machine.cpu().halt(Long.MAX_VALUE);
                }
            } catch (Throwable e) {
                end.set(e);
            }
        });
        machine.close();
        guest.join();
        assertEquals(MachineDiedException.class, end.get().getClass());
    }
}
