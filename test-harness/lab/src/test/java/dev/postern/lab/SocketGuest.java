package dev.postern.lab;

import static org.junit.jupiter.api.Assertions.*;

import dev.postern.attach.VhostUserMachine;
import dev.postern.boot.BootException;
import dev.postern.boot.BootOptions;
import dev.postern.lab.backend.ScriptedBackend;
import dev.postern.memory.PhysRange;
import dev.postern.os.OpenDescriptors;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.VirtioException;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.blk.BlkRequest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Guests whose disk is behind a socket, and what is expected of each of them. */
final class SocketGuest {

    static final int SECTOR = 512;
    static final int SECTORS = 256;

    /** Only a back-end that keeps silent needs it. */
    static final Duration DEADLINE = Duration.ofSeconds(1);

    /** Nothing takes longer: bring-up, recovery and all attempts at it. */
    static final Duration BOUND = Duration.ofSeconds(30);

    static final int BURST = 8;

    static final Setting POLLED = new Setting(MachineKind.VHOST_USER, InterruptMode.POLLED, ContextKind.AUDITED);
    static final Setting BOUNCED = new Setting(MachineKind.VHOST_USER, InterruptMode.MSIX, ContextKind.BOUNCED);

    private SocketGuest() {}

    /** Direct and polled, and through a pool by messages. */
    static Stream<Setting> settings() {
        return Stream.of(POLLED, BOUNCED);
    }

    /** What is on the disk. */
    static byte[] content() {
        byte[] content = new byte[SECTORS * SECTOR];
        new Random(Seed.value()).nextBytes(content);
        return content;
    }

    static Trial boot(Setting setting, Path socket) throws BootException {
        return boot(setting, socket, UnaryOperator.identity());
    }

    static Trial boot(Setting setting, Path socket, UnaryOperator<BootOptions> adjusted) throws BootException {
        VhostUserMachine machine = VhostUserMachine.builder().join(socket).build();
        return Trial.boot(setting, adjusted, new LabMachine.VhostUser(machine));
    }

    /** One line that names the socket and says what to do. */
    static void assertTelling(String message, Path socket) {
        assertFalse(message.contains("\n"), message);
        assertTrue(message.contains(socket.toString()), "it does not name the socket: " + message);
        assertTrue(
                message.matches(".*[:;,] (?:[a-z0-9-]+"
                        + " ){0,6}?(start|restart|check|use|give|leave|update|end|stop|look|wait|join|"
                        + "take|try|make|report|boot|replace|offer|withhold|ask|see|set|raise|choose)\\b.*"),
                "it does not say what to do: " + message);
    }

    static void assertReads(Trial trial, byte[] content, long sector, int count) throws VirtioException {
        PhysRange buffer = trial.buffer((long) count * SECTOR);
        try {
            MemorySegment bytes = trial.bytes(buffer).asSlice(0, (long) count * SECTOR);
            bytes.fill((byte) 0xa5);
            trial.disk(0).read(sector, buffer.basePa(), (long) count * SECTOR);
            assertArrayEquals(
                    Arrays.copyOfRange(content, (int) sector * SECTOR, (int) (sector + count) * SECTOR),
                    bytes.toArray(ValueLayout.JAVA_BYTE),
                    "sector %d; %s".formatted(sector, Seed.words()));
        } finally {
            trial.disk(0).release(buffer);
        }
    }

    /** Reads neighbouring sectors with one notification; gives why some were not read. */
    static List<VirtioException> burst(Trial trial, byte[] content, long first) throws VirtioException {
        BlkDevice disk = trial.disk(0);
        PhysRange buffer = trial.buffer(BURST * SECTOR);
        MemorySegment bytes = trial.bytes(buffer);
        bytes.fill((byte) 0xa5);
        List<VirtioException> failures = new ArrayList<>();
        BlkRequest[] requests = new BlkRequest[BURST];
        for (int i = 0; i < BURST; i++) {
            try {
                requests[i] = disk.submitRead(first + i, buffer.basePa() + (long) i * SECTOR, SECTOR);
            } catch (VirtioException e) {
                failures.add(e);
            }
        }
        for (int i = 0; i < BURST; i++) {
            try {
                if (requests[i] != null) {
                    disk.await(requests[i]);
                    assertArrayEquals(
                            Arrays.copyOfRange(content, (int) (first + i) * SECTOR, (int) (first + i + 1) * SECTOR),
                            bytes.asSlice((long) i * SECTOR, SECTOR).toArray(ValueLayout.JAVA_BYTE),
                            "request %d; %s".formatted(i, Seed.words()));
                }
            } catch (VirtioException e) {
                failures.add(e);
            }
        }
        disk.release(buffer);
        return failures;
    }

    /** The front-end did nothing against the protocol, and the guest nothing against the rules of rings and disks. */
    static void assertJudgedRight(ScriptedBackend backend) {
        assertEquals(
                List.of(),
                backend.violations(),
                () -> "messages of the last connection: %s; notes: %s; panics: %s; %s"
                        .formatted(
                                backend.messages(backend.connections() - 1),
                                backend.notes(),
                                backend.panics(),
                                Seed.words()));
    }

    /** Something that opens and closes descriptors. */
    @FunctionalInterface
    interface Action {
        void run() throws Exception;
    }

    /** Does something, in bounded time, after which no more descriptors are open than before. */
    static void bounded(Action action) throws Exception {
        List<String> before = OpenDescriptors.names();
        assertTimeoutPreemptively(BOUND, action::run);
        assertNoneLeft(before);
    }

    /** The JVM opens files of its own when it loads classes: what counts is what sockets, memory and events are open. */
    static void assertNoneLeft(List<String> before) throws IOException {
        List<String> left = kinds(OpenDescriptors.names());
        kinds(before).forEach(left::remove);
        assertEquals(List.of(), left, "descriptors left open");
    }

    private static List<String> kinds(List<String> names) {
        return new ArrayList<>(names.stream()
                .map(name -> name.substring(name.indexOf(' ') + 1).replaceAll("\\[\\d+]", ""))
                .filter(name -> name.startsWith("socket:") || name.startsWith("anon_inode:") || name.contains("memfd:"))
                .toList());
    }
}
