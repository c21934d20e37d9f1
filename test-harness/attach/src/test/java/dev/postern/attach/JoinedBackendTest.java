package dev.postern.attach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.machine.Channel;
import dev.postern.machine.ChannelConnection;
import dev.postern.machine.ChannelException;
import dev.postern.os.OpenDescriptors;
import dev.postern.os.UnixListener;
import dev.postern.os.UnixStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Back-ends that somebody else started, or did not. */
@Timeout(60)
class JoinedBackendTest {

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(20);

    @TempDir
    private Path folder;

    private Path socket() {
        return folder.resolve("backend.sock");
    }

    private VhostUserMachine machine() {
        return VhostUserMachine.builder().join(socket()).build();
    }

    private static void assertFails(ChannelException.Reason reason, String remedy, Executable call) {
        ChannelException told = assertThrows(ChannelException.class, call);
        assertEquals(reason, told.reason(), told.getMessage());
        assertTrue(told.getMessage().startsWith("vhost-user"), told.getMessage());
        assertTrue(told.getMessage().contains(remedy), told.getMessage());
        assertFalse(told.getMessage().contains("\n"), told.getMessage());
    }

    @Test
    void aSocketThatIsNotThereIsTold() throws IOException {
        try (VhostUserMachine machine = machine()) {
            Channel channel = machine.channels().getFirst();
            assertEquals("vhost-user " + socket(), channel.name());
            long start = System.nanoTime();
            assertFails(ChannelException.Reason.ABSENT, "start the back-end first", () -> channel.connect(SHORT));
            assertTrue(System.nanoTime() - start >= SHORT.toNanos());
            Files.createFile(socket());
            assertFails(ChannelException.Reason.ABSENT, "a file and not a socket", () -> channel.connect(LONG));
        }
    }

    @Test
    void aSocketThatNobodyListensAtIsTold() throws IOException {
        try (UnixListener listener = UnixListener.listen(socket(), 1)) {
            // A second name stays when the first is removed with its listener.
            Files.createLink(folder.resolve("second"), listener.path());
        }
        Files.move(folder.resolve("second"), socket());
        try (VhostUserMachine machine = machine()) {
            assertFails(
                    ChannelException.Reason.ABSENT,
                    "start the back-end again",
                    () -> machine.channels().getFirst().connect(SHORT));
        }
    }

    @Test
    void aSocketWithoutRoomIsTold() throws IOException {
        try (UnixListener listener = UnixListener.listen(socket(), 0);
                UnixStream _ = UnixStream.connect(listener.path(), LONG);
                VhostUserMachine machine = machine()) {
            assertFails(
                    ChannelException.Reason.TOO_LATE,
                    "other user",
                    () -> machine.channels().getFirst().connect(SHORT));
        }
    }

    @Test
    void aNameThatNoSocketCanHaveIsRefused() {
        VhostUserMachineBuilder builder = VhostUserMachine.builder();
        MachineConfigurationException refused =
                assertThrows(MachineConfigurationException.class, () -> builder.join(folder.resolve("x".repeat(108))));
        assertTrue(refused.getMessage().contains("shorter path"), refused.getMessage());
    }

    @Test
    void oneThatComesWithinTheLimitIsConnectedTo() throws Exception {
        try (VhostUserMachine machine = machine()) {
            Thread late = Thread.ofPlatform().start(() -> {
                try (UnixListener listener = UnixListener.listen(socket(), 1)) {
                    listener.accept(LONG).close();
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            try (ChannelConnection connection = machine.channels().getFirst().connect(LONG)) {
                late.join();
                assertTrue(connection.hungUp());
                assertFails(
                        ChannelException.Reason.HUNG_UP,
                        "start it again",
                        () -> connection.receive(ByteBuffer.allocate(1), System.nanoTime() + LONG.toNanos()));
            }
        }
    }

    @Test
    void itsPowerIsNotOursToCutButItsConnectionsAre() throws IOException {
        try (UnixListener listener = UnixListener.listen(socket(), 1);
                VhostUserMachine machine = machine()) {
            Channel channel = machine.channels().getFirst();
            ChannelConnection connection = channel.connect(LONG);
            try (UnixStream theirs = listener.accept(LONG)) {
                assertFalse(theirs.hungUp());
                assertFalse(channel.powerCycle(LONG));
                assertTrue(theirs.hungUp() && connection.hungUp());
            }
            assertTrue(channel.condition().contains(socket().toString()), channel.condition());
        }
    }

    @Test
    void noDescriptorIsLeftAfterManyFailures() throws IOException {
        for (int round = 0; round < 2; round++) {
            int before = OpenDescriptors.count();
            try (VhostUserMachine machine = machine()) {
                for (int i = 0; i < 50; i++) {
                    assertThrows(
                            ChannelException.class,
                            () -> machine.channels().getFirst().connect(Duration.ZERO));
                }
            }
            if (round > 0) {
                Peer.awaitDescriptors(before);
            }
        }
    }
}
