package dev.postern.attach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.machine.MachineDiedException;
import dev.postern.os.ChildProcess;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class QemuDeathTest {

    @BeforeAll
    static void qemu() {
        Peer.requireQemu();
    }

    @Test
    void aKilledQemuIsTheDeathOfTheMachineWhateverTheGuestDoes() {
        Map<String, Function<QemuQ35, Executable>> guests = Map.of(
                "register read", machine -> () -> new ConfigPorts(machine).read32(0, 0, 0),
                "register writes",
                        machine -> () -> {
                            while (true) {
                                machine.registers().write32(0xd0000000L, 0);
                            }
                        },
                "polling of RAM",
                        machine -> () -> {
                            while (true) {
                                machine.cpu().relax();
                            }
                        },
                "halt",
                        machine -> () -> {
                            while (true) {
                                machine.cpu().halt(Long.MAX_VALUE);
                            }
                        },
                "interrupt line",
                        machine -> () -> {
                            while (true) {
                                machine.interruptLines().orElseThrow().asserted(0);
                            }
                        },
                "control", machine -> () -> machine.qmp("query-status", Map.of()));
        guests.forEach((name, guest) -> {
            try (QemuQ35 machine = QemuQ35.builder().build()) {
                ProcessHandle.of(machine.pid()).orElseThrow().destroyForcibly();
                MachineDiedException died = assertThrows(MachineDiedException.class, guest.apply(machine), name);
                assertTrue(died.getMessage().startsWith("qemu-q35 died: "), died.getMessage());
                assertTrue(died.getMessage().endsWith("was ended by signal 9"), died.getMessage());
                MachineDiedException again = assertThrows(MachineDiedException.class, guest.apply(machine), name);
                assertEquals(died.getMessage(), again.getMessage());
            }
        });
    }

    @Test
    void aQemuThatEndsByItselfIsToldWithItsStatus() {
        try (QemuQ35 machine = QemuQ35.builder().build()) {
            machine.qmp("quit", Map.of());
            MachineDiedException died = assertThrows(MachineDiedException.class, () -> {
                while (true) {
                    machine.readAsQemu(0);
                }
            });
            assertTrue(died.getMessage().endsWith("ended with status 0"), died.getMessage());
        }
    }

    @Test
    void theLastWordsOfAProcessAreToldInOneLine() throws IOException {
        try (ChildProcess process =
                ChildProcess.start(List.of("/bin/sh", "-c", "echo first; echo the reason >&2; exit 3"))) {
            String message = new QemuDeath("qemu-test", process)
                    .because(new EOFException("closed"))
                    .getMessage();
            assertEquals(
                    "qemu-test died: QEMU's process %d ended with status 3, its last words: first; the reason"
                            .formatted(process.pid()),
                    message);
        }
    }

    @Test
    void closingEndsQemuAndTakesTheMemoryAway() {
        QemuQ35 machine = QemuQ35.builder().build();
        MemorySegment low = machine.ram().getFirst().segment();
        machine.close();
        machine.close();
        assertFalse(Peer.isAlive(machine.pid()));
        assertThrows(IllegalStateException.class, () -> low.get(ValueLayout.JAVA_BYTE, 0));
        MachineDiedException died = assertThrows(
                MachineDiedException.class, () -> machine.registers().read32(0xd0000000L));
        assertEquals("qemu-q35 was closed", died.getMessage());
        assertThrows(MachineDiedException.class, () -> machine.qmp("query-status", Map.of()));
    }

    @Test
    void closingFromAnotherThreadEndsAGuestThatWaits() throws InterruptedException {
        QemuQ35 machine = QemuQ35.builder().build();
        AtomicReference<Throwable> end = new AtomicReference<>();
        Thread guest = Thread.ofPlatform().start(() -> {
            try {
                while (true) {
                    machine.registers().read32(0xd0000000L);
                }
            } catch (Throwable e) {
                end.set(e);
            }
        });
        machine.close();
        guest.join();
        assertEquals(MachineDiedException.class, end.get().getClass());
        assertEquals("qemu-q35 was closed", end.get().getMessage());
    }

    /** The temporary folder has a comma and a space in its name, which the sockets' names then have too. */
    @Test
    void aKilledJvmLeavesNoQemuAndNoFile(@TempDir Path folder) throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("a, b"));
        Process parent = AnotherJvm.start(MachineInAnotherJvm.class, List.of("-Djava.io.tmpdir=" + temporary));
        try (BufferedReader said = parent.inputReader()) {
            long qemu = Long.parseLong(said.readLine());
            assertTrue(Peer.isAlive(qemu));
            assertEquals(List.of(), ours(temporary), "the sockets are gone once QEMU has connected");
            parent.destroyForcibly();
            Peer.await(() -> !Peer.isAlive(qemu));
            assertEquals(List.of(), ours(temporary));
        } finally {
            parent.destroyForcibly();
        }
    }

    private static List<Path> ours(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith("postern"))
                    .toList();
        }
    }
}
