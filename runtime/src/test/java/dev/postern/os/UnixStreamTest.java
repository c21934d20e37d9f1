package dev.postern.os;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class UnixStreamTest {

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(20);
    private static final int[] NONE = {};

    private static long in(Duration limit) {
        return System.nanoTime() + limit.toNanos();
    }

    private static ByteBuffer bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    private static void assertFails(StreamException.Reason reason, String words, Executable call) {
        StreamException failed = assertThrows(StreamException.class, call);
        assertEquals(reason, failed.reason(), failed.getMessage());
        assertTrue(failed.getMessage().contains(words), failed.getMessage());
        assertFalse(failed.getMessage().contains("\n"));
    }

    /** That the call leaves nothing open. The pipes of a process that has ended are closed a moment later, by a thread of the JVM. */
    private static void assertNothingLeaks(Executable call) throws Throwable {
        // The first time loads classes, and the library.
        call.execute();
        List<String> before = OpenDescriptors.names();
        call.execute();
        long deadline = in(LONG);
        while (OpenDescriptors.count() > before.size()) {
            assertTrue(System.nanoTime() < deadline, () -> "before " + before + ", after " + names());
            Thread.onSpinWait();
        }
    }

    private static List<String> names() {
        try {
            return OpenDescriptors.names();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void bytesArriveInOrderWhateverTheirNumberAndWhereverTheyLie() throws IOException {
        UnixStream.Pair pair = UnixStream.pair();
        try (UnixStream one = pair.one();
                UnixStream other = pair.other()) {
            for (int count : new int[] {1, 12, 4095, 4096, 4097, 1 << 20}) {
                CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                    try {
                        one.send(bytes(count), NONE, in(LONG));
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
                ByteBuffer received = ByteBuffer.allocateDirect(count + 5);
                received.position(3).limit(3 + count);
                assertArrayEquals(NONE, other.receive(received, in(LONG)));
                sending.join();
                assertEquals(bytes(count), received.position(3));
            }
        }
    }

    @Test
    void aDescriptorThatIsPassedIsTheSameFileAndClosedOnExec() throws IOException {
        UnixStream.Pair pair = UnixStream.pair();
        try (UnixStream one = pair.one();
                UnixStream other = pair.other();
                MemoryFile memory = MemoryFile.create("postern-test", 4096);
                EventDescriptor event = EventDescriptor.create()) {
            one.send(bytes(12), new int[] {memory.descriptor(), event.descriptor()}, in(LONG));
            int[] received = other.receive(ByteBuffer.allocate(12), in(LONG));
            assertEquals(2, received.length);
            for (int descriptor : received) {
                List<String> state = Files.readAllLines(Path.of("/proc/self/fdinfo/" + descriptor));
                assertTrue(state.stream().anyMatch(line -> line.matches("flags:\\s*0?2\\d{6}")), state.toString());
            }
            try (MemoryFile same = MemoryFile.map(received[0], 0, 4096);
                    EventDescriptor sameEvent = EventDescriptor.adopt(received[1])) {
                memory.segment().set(ValueLayout.JAVA_INT, 8, 42);
                assertEquals(42, same.segment().get(ValueLayout.JAVA_INT, 8));
                sameEvent.ring();
                assertTrue(event.take());
            }
        }
    }

    @Test
    void asManyDescriptorsAsAStreamTakesArriveAndStayTheSenders() throws Throwable {
        assertNothingLeaks(() -> {
            UnixStream.Pair pair = UnixStream.pair();
            try (UnixStream one = pair.one();
                    UnixStream other = pair.other();
                    EventDescriptor event = EventDescriptor.create()) {
                int[] many = new int[UnixStream.MOST_DESCRIPTORS];
                Arrays.fill(many, event.descriptor());
                one.send(bytes(5000), many, in(LONG));
                int[] received = other.receive(ByteBuffer.allocate(5000), in(LONG));
                assertEquals(many.length, received.length);
                event.ring();
                for (int descriptor : received) {
                    OpenDescriptors.close(descriptor);
                }
                assertThrows(
                        IllegalArgumentException.class,
                        () -> one.send(bytes(1), new int[UnixStream.MOST_DESCRIPTORS + 1], in(LONG)));
                assertThrows(IllegalArgumentException.class, () -> one.send(bytes(0), NONE, in(LONG)));
            }
        });
    }

    /** Each message has as many as may be; two of them in one receipt are too many. */
    @Test
    void moreDescriptorsThanAStreamTakesAreRefusedAndClosed() throws Throwable {
        assertNothingLeaks(() -> {
            UnixStream.Pair pair = UnixStream.pair();
            try (UnixStream one = pair.one();
                    UnixStream other = pair.other()) {
                int[] many = new int[UnixStream.MOST_DESCRIPTORS];
                one.send(bytes(6), many, in(LONG));
                one.send(bytes(6), many, in(LONG));
                assertFails(
                        StreamException.Reason.MALFORMED,
                        "more than 16",
                        () -> other.receive(ByteBuffer.allocate(12), in(LONG)));
            }
        });
    }

    /** A sender of another make is needed for that: Python knows how. */
    @Test
    void aMessageWithMoreDescriptorsThanThereIsRoomForIsRefusedAndClosed(@TempDir Path folder) throws Throwable {
        String program = """
            import array, socket, sys
            s = socket.socket(socket.AF_UNIX)
            s.connect(sys.argv[1])
            s.sendmsg([b'123456'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [0] * 200))])
            s.recv(1)
            """;
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/python3")), "no python3");
        assertNothingLeaks(() -> {
            try (UnixListener listener = UnixListener.listen(folder.resolve("s"), 1);
                    ChildProcess sender = ChildProcess.start(List.of(
                            "/usr/bin/python3", "-c", program, listener.path().toString()))) {
                try (UnixStream stream = listener.accept(LONG)) {
                    assertFails(
                            StreamException.Reason.MALFORMED,
                            "more than 16",
                            () -> stream.receive(ByteBuffer.allocate(6), in(LONG)));
                }
                assertTrue(sender.awaitExit(LONG), sender::describe);
            }
        });
    }

    @Test
    void aHangUpInTheMiddleOfAMessageIsNamedAndItsDescriptorsAreClosed() throws Throwable {
        assertNothingLeaks(() -> {
            UnixStream.Pair pair = UnixStream.pair();
            try (UnixStream one = pair.one();
                    UnixStream other = pair.other()) {
                one.send(bytes(5), new int[] {0, 1}, in(LONG));
                pair.one().close();
                assertTrue(other.hasArrivals());
                assertFalse(other.hungUp(), "five bytes are left");
                assertFails(
                        StreamException.Reason.HUNG_UP,
                        "after 5 of 12 bytes",
                        () -> other.receive(ByteBuffer.allocate(12), in(LONG)));
                assertTrue(other.hungUp());
                assertFalse(other.hasArrivals());
                assertFails(StreamException.Reason.HUNG_UP, "hung up", () -> other.send(bytes(1), NONE, in(LONG)));
            }
        });
    }

    @Test
    void aSenderThatHadNotReadAllIsAHangUpToo() throws IOException {
        UnixStream.Pair pair = UnixStream.pair();
        try (UnixStream _ = pair.one();
                UnixStream other = pair.other()) {
            other.send(bytes(3), NONE, in(LONG));
            pair.one().close();
            assertTrue(other.hungUp());
            assertFails(
                    StreamException.Reason.HUNG_UP,
                    "after 0 of 1",
                    () -> other.receive(ByteBuffer.allocate(1), in(LONG)));
            assertTrue(other.hungUp());
        }
    }

    @Test
    void aMessageThatIsNotCompletedInTimeIsToldWithWhatCame() throws Throwable {
        assertNothingLeaks(() -> {
            UnixStream.Pair pair = UnixStream.pair();
            try (UnixStream one = pair.one();
                    UnixStream other = pair.other()) {
                one.send(bytes(7), new int[] {0}, in(LONG));
                long deadline = in(SHORT);
                assertFails(
                        StreamException.Reason.TOO_LATE,
                        "7 of 12",
                        () -> other.receive(ByteBuffer.allocate(12), deadline));
                assertTrue(System.nanoTime() >= deadline);
                assertFails(
                        StreamException.Reason.TOO_LATE,
                        "0 of 1",
                        () -> other.receive(ByteBuffer.allocate(1), System.nanoTime() - 1));
            }
        });
    }

    @Test
    void aReaderThatTakesNothingIsToldInTime() throws IOException {
        UnixStream.Pair pair = UnixStream.pair();
        try (UnixStream one = pair.one();
                UnixStream _ = pair.other()) {
            assertFails(
                    StreamException.Reason.TOO_LATE, "took nothing", () -> one.send(bytes(16 << 20), NONE, in(SHORT)));
        }
    }

    @Test
    void theEndOfOneDirectionLeavesTheOtherOpen() throws IOException {
        UnixStream.Pair pair = UnixStream.pair();
        try (UnixStream one = pair.one();
                UnixStream other = pair.other()) {
            assertFalse(other.hungUp() || other.hasArrivals());
            one.finish();
            one.finish();
            assertTrue(other.hungUp(), "nothing more comes");
            other.send(bytes(4), NONE, in(LONG));
            ByteBuffer received = ByteBuffer.allocate(4);
            one.receive(received, in(LONG));
            assertEquals(bytes(4), received.flip());
            assertFalse(one.hungUp());
        }
    }

    @Test
    void connectingTellsWhatIsNotThere(@TempDir Path folder) throws Throwable {
        Path path = folder.resolve("socket");
        assertNothingLeaks(() -> {
            assertFails(StreamException.Reason.ABSENT, path.toString(), () -> UnixStream.connect(path, LONG));
            Files.createFile(path);
            assertFails(StreamException.Reason.NOBODY_LISTENS, "nobody", () -> UnixStream.connect(path, LONG));
            assertFails(StreamException.Reason.ABSENT, "no socket", () -> UnixStream.connect(path.resolve("x"), LONG));
            Files.delete(path);
        });
        Path tooLong = folder.resolve("x".repeat(120));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> UnixStream.connect(tooLong, LONG))
                .getMessage()
                .contains("107"));
    }

    @Test
    void aListenerWithoutRoomIsWaitedForNoLongerThanTold(@TempDir Path folder) throws Throwable {
        assertNothingLeaks(() -> {
            try (UnixListener listener = UnixListener.listen(folder.resolve("s"), 0);
                    UnixStream _ = UnixStream.connect(listener.path(), LONG)) {
                assertFails(StreamException.Reason.TOO_LATE, "busy", () -> UnixStream.connect(listener.path(), SHORT));
                CompletableFuture<UnixStream> patient = CompletableFuture.supplyAsync(() -> {
                    try {
                        return UnixStream.connect(listener.path(), LONG);
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
                listener.accept(LONG).close();
                listener.accept(LONG).close();
                patient.join().close();
            }
        });
    }

    @Test
    void aListenerWaitsNoLongerThanToldAndLeavesNoName(@TempDir Path folder) throws IOException {
        Path path = folder.resolve("s");
        UnixListener listener = UnixListener.listen(path, 1);
        assertFails(StreamException.Reason.TOO_LATE, "nobody connected", () -> listener.accept(SHORT));
        IOException second = assertThrows(IOException.class, () -> UnixListener.listen(path, 1));
        assertTrue(second.getMessage().contains(path.toString()), second.getMessage());
        try (UnixStream client = UnixStream.connect(path, LONG);
                UnixStream server = listener.accept(LONG)) {
            listener.close();
            listener.close();
            assertFalse(Files.exists(path));
            client.send(bytes(2), NONE, in(LONG));
            server.receive(ByteBuffer.allocate(2), in(LONG));
        }
    }
}
