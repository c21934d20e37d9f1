package dev.postern.lab;

import static dev.postern.lab.DiskAccess.READ_ONLY;
import static dev.postern.lab.DiskAccess.READ_WRITE;
import static dev.postern.lab.Images.GIB;
import static dev.postern.lab.Images.MIB;
import static dev.postern.lab.SocketGuest.SECTOR;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.app.CloneDisk;
import dev.postern.app.Progress;
import dev.postern.attach.StorageDaemon;
import dev.postern.boot.BootOptions;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaDirection;
import dev.postern.dma.ForwardingContext;
import dev.postern.machine.RamRegion;
import dev.postern.memory.PhysRange;
import dev.postern.os.OpenDescriptors;
import dev.postern.virtio.DeviceBrokenException;
import dev.postern.virtio.RequestTimeoutException;
import dev.postern.virtio.VirtioException;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.blk.BlkRequest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A qemu-storage-daemon that is killed, stopped, or made to panic, and the requests that it had. */
@Timeout(1200)
class DaemonRecoveryTest {

    private static final int SECTORS = 512;
    private static final int BURST = 8;

    @TempDir
    Path folder;

    @BeforeEach
    void needsTheDaemon() {
        Peers.require(MachineKind.VHOST_USER);
    }

    private static List<StorageDaemon> daemons(Trial trial) {
        return ((LabMachine.VhostUser) trial.machine()).machine().daemons();
    }

    private static StorageDaemon daemon(Trial trial, int disk) {
        return daemons(trial).get(disk);
    }

    // ---- killed

    @ParameterizedTest
    @MethodSource("dev.postern.lab.SocketGuest#settings")
    void aCloneIsWholeThoughItsDaemonsAreKilledTwentyTimes(Setting setting) throws Exception {
        cloneUnderKills(setting, 48 * MIB, 20);
    }

    @ParameterizedTest
    @MethodSource("dev.postern.lab.SocketGuest#settings")
    @EnabledIfSystemProperty(named = "postern.campaign", matches = "true", disabledReason = "takes minutes: -Pcampaign")
    void aCloneOfOneGibibyteIsWholeThoughItsDaemonsAreKilledAHundredTimes(Setting setting) throws Exception {
        cloneUnderKills(setting, GIB, 100);
    }

    /** Clones again and again until there were so many kills; each clone must be whole. */
    private void cloneUnderKills(Setting setting, long bytes, int kills) throws Exception {
        Path source = Images.random(folder, "source", bytes);
        Path target = Images.sparse(folder, "target", bytes);
        List<String> before = OpenDescriptors.names();
        int killed = 0;
        try (Trial trial = Trial.boot(
                setting, new LabDevice.Disk("d0", source, READ_ONLY), new LabDevice.Disk("d1", target, READ_WRITE))) {
            Killer killer = new Killer(daemons(trial), kills, Seed.value());
            try (killer) {
                do {
                    // Daemons write through the system's page cache, so what they have answered is what the file holds.
                    zero(target, bytes);
                    new CloneDisk().run(trial.guest().guest(Progress.NONE));
                    assertEquals(-1, Files.mismatch(source, target), Seed.words());
                } while (!killer.done());
            }
            killed = killer.kills();
            // What the last kill has hit is over before anything is counted.
            SocketGuest.assertReads(trial, Images.get(source, 0, 4096), 0, 8);
            long recoveries = trial.disk(0).recoveries() + trial.disk(1).recoveries();
            int starts = daemons(trial).stream().mapToInt(StorageDaemon::starts).sum();
            assertTrue(
                    recoveries >= kills / 3 && recoveries <= killed,
                    recoveries + " recoveries of " + killed + " kills");
            assertTrue(starts <= 2 + killed, starts + " starts after " + killed + " kills");
            System.err.printf(
                    "%s: %d kills, %d recoveries, %d starts; %s%n", setting, killed, recoveries, starts, Seed.words());
        }
        assertEquals(kills, killed);
        assertEquals(-1, Files.mismatch(source, target), Seed.words());
        SocketGuest.assertNoneLeft(before);
    }

    private static void zero(Path image, long bytes) throws IOException {
        byte[] zeros = new byte[(int) MIB];
        for (long at = 0; at < bytes; at += MIB) {
            Images.put(image, at, zeros);
        }
    }

    /** Kills daemons at random moments, from a thread of its own. */
    private static final class Killer implements AutoCloseable {

        /** A daemon is back and at work again after the shortest, mostly. */
        private static final int LEAST_GAP_MILLIS = 20;

        private static final int MOST_GAP_MILLIS = 150;

        private final List<StorageDaemon> daemons;
        private final int wanted;
        private final Random random;
        private final AtomicInteger kills = new AtomicInteger();
        private final AtomicBoolean over = new AtomicBoolean();
        private final Thread thread;

        Killer(List<StorageDaemon> daemons, int wanted, long seed) {
            this.daemons = daemons;
            this.wanted = wanted;
            random = new Random(seed);
            thread = Thread.ofPlatform().name("killer").start(this::run);
        }

        private void run() {
            while (!over.get() && kills.get() < wanted) {
                try {
                    TimeUnit.MILLISECONDS.sleep(random.nextInt(LEAST_GAP_MILLIS, MOST_GAP_MILLIS));
                } catch (InterruptedException e) {
                    return;
                }
                StorageDaemon victim = daemons.get(random.nextInt(daemons.size()));
                // One that is dead is not killed again: that would be no kill.
                if (victim.isAlive()) {
                    victim.kill();
                    kills.incrementAndGet();
                }
            }
            over.set(true);
        }

        boolean done() {
            return over.get();
        }

        int kills() {
            return kills.get();
        }

        @Override
        public void close() {
            over.set(true);
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.postern.lab.SocketGuest#settings")
    void everyRequestOfADaemonThatIsKilledIsAnsweredOnce(Setting setting) throws Exception {
        Path image = Images.random(folder, "image", SECTORS * SECTOR);
        byte[] content = Files.readAllBytes(image);
        try (Trial trial = Trial.boot(setting, new LabDevice.Disk("d0", image, READ_WRITE))) {
            BlkDevice disk = trial.disk(0);
            PhysRange buffer = trial.buffer((long) disk.depth() * SECTOR);
            MemorySegment bytes = trial.bytes(buffer);
            for (int round = 0; round < 5; round++) {
                bytes.fill((byte) 0xa5);
                // Stopped, so that it has them all and has answered none.
                daemon(trial, 0).suspend();
                BlkRequest[] requests = new BlkRequest[disk.depth()];
                for (int i = 0; i < requests.length; i++) {
                    requests[i] = disk.submitRead(round + i, buffer.basePa() + (long) i * SECTOR, SECTOR);
                }
                disk.kick();
                assertFalse(disk.hasRoom());
                daemon(trial, 0).kill();
                int answered = 0;
                for (int i = 0; i < requests.length; i++) {
                    disk.await(requests[i]);
                    answered++;
                    assertArrayEquals(
                            Arrays.copyOfRange(content, (round + i) * SECTOR, (round + i + 1) * SECTOR),
                            bytes.asSlice((long) i * SECTOR, SECTOR).toArray(ValueLayout.JAVA_BYTE),
                            "round %d, request %d; %s".formatted(round, i, Seed.words()));
                }
                assertEquals(requests.length, answered);
                assertTrue(disk.hasRoom());
                assertEquals(round + 1, disk.recoveries());
                assertEquals(round + 2, daemon(trial, 0).starts());
            }
            trial.giveBack(buffer);
        }
        assertArrayEquals(content, Files.readAllBytes(image));
    }

    // ---- old writes

    @ParameterizedTest
    @MethodSource("dev.postern.lab.SocketGuest#settings")
    void whatWasWrittenLastIsWhatIsThereThoughTheDaemonIsKilledAgainAndAgain(Setting setting) throws Exception {
        int few = 64;
        Path image = Images.sparse(folder, "image", (long) few * SECTOR);
        byte[] model = new byte[few * SECTOR];
        Random random = new Random(Seed.value());
        try (Trial trial = Trial.boot(setting, new LabDevice.Disk("d0", image, READ_WRITE))) {
            BlkDevice disk = trial.disk(0);
            int depth = Math.min(disk.depth(), 16);
            PhysRange buffer = trial.buffer((long) depth * 8 * SECTOR);
            MemorySegment bytes = trial.bytes(buffer);
            BlkRequest[] out = new BlkRequest[depth];
            try (Killer killer = new Killer(daemons(trial), 10, Seed.value())) {
                for (int turn = 0; turn < 4000 || !killer.done(); turn++) {
                    int slot = turn % depth;
                    if (out[slot] != null) {
                        disk.await(out[slot]);
                    }
                    int sectors = random.nextInt(1, 9);
                    int first = random.nextInt(few - sectors + 1);
                    byte[] fresh = new byte[sectors * SECTOR];
                    random.nextBytes(fresh);
                    long at = (long) slot * 8 * SECTOR;
                    MemorySegment.copy(fresh, 0, bytes, ValueLayout.JAVA_BYTE, at, fresh.length);
                    out[slot] = disk.submitWrite(first, buffer.basePa() + at, fresh.length);
                    System.arraycopy(fresh, 0, model, first * SECTOR, fresh.length);
                }
            }
            for (BlkRequest request : out) {
                disk.await(request);
            }
            disk.flush();
            assertTrue(disk.recoveries() > 0, "no kill hit anything");
            trial.giveBack(buffer);
        }
        assertArrayEquals(model, Files.readAllBytes(image), Seed.words());
    }

    // ---- stopped

    @ParameterizedTest
    @MethodSource("dev.postern.lab.SocketGuest#settings")
    void aDaemonThatIsStoppedIsNoticedWithinTheDeadlineAndUsedAgain(Setting setting) throws Exception {
        Path image = Images.random(folder, "image", SECTORS * SECTOR);
        byte[] content = Files.readAllBytes(image);
        Duration deadline = Duration.ofMillis(500);
        try (Trial trial = Trial.boot(setting, new LabDevice.Disk("d0", image, READ_WRITE))) {
            trial.disk(0).requestDeadline(deadline);
            SocketGuest.assertReads(trial, content, 0, 8);
            daemon(trial, 0).suspend();
            long before = System.nanoTime();
            assertThrows(RequestTimeoutException.class, () -> SocketGuest.assertReads(trial, content, 8, 8));
            long waited = System.nanoTime() - before;
            assertTrue(waited >= deadline.toNanos(), "after " + waited + " ns");
            assertTrue(waited < deadline.toNanos() + Duration.ofSeconds(10).toNanos(), "after " + waited + " ns");
            SocketGuest.assertReads(trial, content, 16, 8);
            assertEquals(1, trial.disk(0).recoveries());
            assertEquals(2, daemon(trial, 0).starts(), "one that does not let go is started anew");
        }
        assertArrayEquals(content, Files.readAllBytes(image));
    }

    @Test
    void aDaemonThatGoesOnInTimeIsNotReset() throws Exception {
        Path image = Images.random(folder, "image", SECTORS * SECTOR);
        byte[] content = Files.readAllBytes(image);
        try (Trial trial = Trial.boot(SocketGuest.BOUNCED, new LabDevice.Disk("d0", image, READ_WRITE))) {
            StorageDaemon daemon = daemon(trial, 0);
            daemon.suspend();
            Thread.ofVirtual().start(() -> {
                try {
                    TimeUnit.MILLISECONDS.sleep(
                            100 + ThreadLocalRandom.current().nextInt(50));
                } catch (InterruptedException e) {
                    return;
                }
                daemon.resume();
            });
            SocketGuest.assertReads(trial, content, 0, 8);
            assertEquals(0, trial.disk(0).recoveries());
            assertEquals(1, daemon.starts());
        }
    }

    // ---- panics

    /** Where a descriptor leads, seen from the memory that the daemon has. */
    enum Outside {
        BELOW,
        ABOVE,
        ACROSS_THE_END,
        WRAPPING,
        NULL;

        long address(List<RamRegion> ram, long length) {
            long base = ram.getFirst().basePa();
            long end = ram.getLast().endPa();
            return switch (this) {
                case BELOW -> base >= 2 * length ? base - 2 * length : end + (1L << 40);
                case ABOVE -> end;
                case ACROSS_THE_END -> end - length / 2;
                case WRAPPING -> -length / 2;
                case NULL -> base > 0 ? 0 : end + (1L << 41);
            };
        }
    }

    static Stream<Arguments> outsides() {
        return Stream.of(PlatformKind.PLAIN, PlatformKind.SEV_SNP)
                .flatMap(platform -> Stream.of(Outside.values()).map(outside -> Arguments.of(platform, outside)));
    }

    /** A context that gives the device a wrong address for one long buffer, once it is told to. */
    private static final class Misleading extends ForwardingContext {

        private final Wrong wrong;
        private long victim = -1;

        Misleading(DmaContext inner, Wrong wrong) {
            super(inner);
            this.wrong = wrong;
        }

        @Override
        public long map(long pa, long length, DmaDirection direction) {
            long token = super.map(pa, length, direction);
            if (length == VICTIM_BYTES && wrong.mappings > 0) {
                wrong.mappings--;
                victim = token;
            } else if (token == victim) {
                victim = -1;
            }
            return token;
        }

        @Override
        public long deviceAddress(long token) {
            return token == victim ? wrong.address : super.deviceAddress(token);
        }

        @Override
        public void unmap(long token, long length, DmaDirection direction, long used) {
            if (token == victim) {
                victim = -1;
            }
            super.unmap(token, length, direction, used);
        }
    }

    /** Of no other request in these tests. */
    private static final int VICTIM_BYTES = 3 * SECTOR;

    /** What is wrong, and how often it still will be. */
    private static final class Wrong {
        private long address;
        private int mappings;
    }

    private static BootOptions misled(BootOptions options, Wrong wrong) {
        BootOptions.ContextOpener honest = options.contexts();
        return options.withContexts((plan, memory, limits, rules, device) ->
                new Misleading(honest.open(plan, memory, limits, rules, device), wrong));
    }

    @ParameterizedTest
    @MethodSource("outsides")
    void aDescriptorOutsideTheMemoryTableIsNamedAndRecoveredFrom(PlatformKind platform, Outside outside)
            throws Exception {
        Path image = Images.random(folder, "image", SECTORS * SECTOR);
        byte[] content = Files.readAllBytes(image);
        Path other = folder.resolve("other");
        Files.write(other, content);
        Setting setting =
                new Setting(MachineKind.VHOST_USER, platform, SocketGuest.POLLED.interrupts(), ContextKind.AUDITED);
        Wrong wrong = new Wrong();
        try (Trial trial = Trial.boot(
                setting,
                options -> misled(options, wrong),
                new LabDevice.Disk("d0", image, READ_WRITE),
                new LabDevice.Disk("d1", other, READ_ONLY))) {
            BlkDevice disk = trial.disk(0);
            SocketGuest.assertReads(trial, content, 0, 8);
            wrong.address = outside.address(trial.machine().machine().shareableRam(), VICTIM_BYTES);
            wrong.mappings = Integer.MAX_VALUE;
            PhysRange buffer = trial.buffer(VICTIM_BYTES + 2L * BURST * SECTOR);
            MemorySegment bytes = trial.bytes(buffer);
            BlkRequest[] beside = new BlkRequest[BURST];
            BlkRequest[] elsewhere = new BlkRequest[BURST];
            for (int i = 0; i < BURST; i++) {
                long at = VICTIM_BYTES + 2L * i * SECTOR;
                beside[i] = disk.submitRead(64 + i, buffer.basePa() + at, SECTOR);
                elsewhere[i] = trial.disk(1).submitRead(64 + i, buffer.basePa() + at + SECTOR, SECTOR);
            }
            BlkRequest victim = disk.submitRead(128, buffer.basePa(), VICTIM_BYTES);
            disk.kick();
            trial.disk(1).kick();
            VirtioException named = assertThrows(DeviceBrokenException.class, () -> disk.await(victim));
            assertFalse(named.getMessage().contains("\n"), named.getMessage());
            assertTrue(named.getMessage().contains("vu_panic"), "the daemon's own words: " + named.getMessage());
            wrong.mappings = 0;
            for (int i = 0; i < BURST; i++) {
                byte[] sector = Arrays.copyOfRange(content, (64 + i) * SECTOR, (65 + i) * SECTOR);
                long at = VICTIM_BYTES + 2L * i * SECTOR;
                disk.await(beside[i]);
                assertArrayEquals(sector, bytes.asSlice(at, SECTOR).toArray(ValueLayout.JAVA_BYTE), "request " + i);
                trial.disk(1).await(elsewhere[i]);
                assertArrayEquals(
                        sector, bytes.asSlice(at + SECTOR, SECTOR).toArray(ValueLayout.JAVA_BYTE), "request " + i);
            }
            assertTrue(disk.recoveries() > 0);
            assertEquals(0, trial.disk(1).recoveries());
            assertEquals(1, daemon(trial, 0).starts(), "the same daemon is used again");
            SocketGuest.assertReads(trial, content, 200, 24);
            trial.giveBack(buffer);
        }
        assertArrayEquals(content, Files.readAllBytes(image));
    }
}
