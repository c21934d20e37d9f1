package dev.postern.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Disks that are storage daemons, as the command sees them. */
class VhostUserBootTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int BIG = 256 << 20;

    @TempDir
    private Path folder;

    @BeforeAll
    static void requireDaemon() {
        StorageDaemonHere.require();
    }

    @ParameterizedTest
    @ValueSource(strings = {"msix", "polled"})
    void theSameFileIsReadAsOnTheEmulatedMachine(String irq) throws IOException {
        Path file = image("a,b c.img", (1 << 20) + 512);
        String disk = "blk,ro=on,file=" + file.toString().replace(",", ",,");
        JsonNode daemon = document("boot", "--machine", "vhost-user", "--irq", irq, "--device", disk);
        JsonNode emulated = document("boot", "--machine", "emulated", "--irq", irq, "--device", disk);
        assertEquals(64, daemon.at("/app/digest/blk0").asText().length());
        assertEquals(emulated.at("/app/digest"), daemon.at("/app/digest"));
        assertEquals("vhost-user", daemon.get("machine").asText());
        assertTrue(irq.equals("msix") || daemon.at("/interrupts/trips").asLong() == 0, daemon.toString());
        assertEquals("blk0", daemon.at("/servers/0/device").asText());
        assertEquals("qemu-storage-daemon", daemon.at("/servers/0/program").asText());
        assertTrue(daemon.at("/servers/0/pid").asLong() > 0);
        assertTrue(daemon.get("ramPages").asText().matches("(huge )?pages of .*"), daemon.toString());
        assertEquals(1, daemon.get("channels").size());
        for (String only : new String[] {"servers", "ramPages", "channels", "isolation", "socket", "withheld"}) {
            assertFalse(emulated.has(only), only);
        }
    }

    @Test
    void cloneWritesTheSecondFileOnly() throws IOException {
        Path source = image("source.img", 1 << 20);
        Path target = Files.write(folder.resolve("target.img"), new byte[1 << 20]);
        byte[] content = Files.readAllBytes(source);
        CommandCall call = CommandCall.of(
                "boot",
                "--machine",
                "vhost-user",
                "--device",
                "blk,ro=on,file=" + source,
                "--device",
                "blk,queues=2,file=" + target,
                "--app",
                "clone");
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        assertTrue(call.out().contains("served by  qemu-storage-daemon "), call.out());
        assertTrue(inOneLine(call).contains("blk1, " + target), call.out());
        assertTrue(call.out().contains("interrupts by eventfd"), call.out());
        assertFalse(call.out().contains("isolation"), "a plain guest has nothing to keep: " + call.out());
        assertArrayEquals(content, Files.readAllBytes(source));
        assertArrayEquals(content, Files.readAllBytes(target));
    }

    @ParameterizedTest
    @ValueSource(strings = {"event_idx", "indirect_desc", "event_idx,indirect_desc,mq,seg_max"})
    void whatIsWithheldIsOfferedAndNotAccepted(String features) throws IOException {
        Path file = image("disk.img", 1 << 20);
        JsonNode root = document(
                "boot",
                "--machine",
                "vhost-user",
                "--withhold",
                features,
                "--device",
                "blk,queues=2,file=" + file);
        List<String> offered = texts(root.at("/devices/0/offered"));
        List<String> accepted = texts(root.at("/devices/0/accepted"));
        assertEquals(Set.of(features.split(",")), Set.copyOf(texts(root.get("withheld"))));
        for (String feature : features.split(",")) {
            assertTrue(offered.contains(feature), root.toString());
            assertFalse(accepted.contains(feature), root.toString());
        }
    }

    @Test
    void aBackEndThatRunsIsJoined() throws IOException {
        Path file = image("disk.img", 1 << 20);
        // Before the daemon has it: that writes, and lets nobody else read.
        JsonNode emulated = document("boot", "--device", "blk,ro=on,file=" + file);
        try (StorageDaemonHere daemon = StorageDaemonHere.over(file, folder.resolve("disk.sock"))) {
            JsonNode root = document("boot", "--machine", "vhost-user:" + daemon.socket());
            assertEquals(emulated.at("/app/digest"), root.at("/app/digest"));
            assertEquals(daemon.socket().toString(), root.get("socket").asText());
            assertFalse(root.has("servers"));
            JsonNode bounced = document("bounce", "--machine", "vhost-user:" + daemon.socket(), "--platform", "tdx");
            assertEquals(root.at("/app/digest/blk0"), bounced.at("/digests/blk0"));
            assertTrue(bounced.get("expected").isEmpty(), "only the back-end has the image: " + bounced);
            assertEquals(0, bounced.get("leaks").asLong());
            // It serves one after the other.
            assertTrue(document("boot", "--machine", "vhost-user:" + daemon.socket()).get("ok").asBoolean());
        }
    }

    @Test
    void aSocketWhereNobodyListensAnyMoreIsAWrongCall() throws IOException {
        StorageDaemonHere daemon = StorageDaemonHere.over(image("disk.img", 4096), folder.resolve("disk.sock"));
        daemon.kill();
        CommandCall call = assertTimeoutPreemptively(
                LIMIT, () -> CommandCall.of("boot", "--json", "--machine", "vhost-user:" + daemon.socket()));
        assertEquals(ExitStatus.WRONG_CALL, call.status(), call.out());
        JsonNode root = new ObjectMapper().readTree(call.out());
        assertEquals(ExitStatus.WRONG_CALL, root.get("exit").asInt());
        assertEquals(1, root.get("errors").size(), call.out());
        assertTrue(root.at("/errors/0").asText().contains("nobody listens at " + daemon.socket()), call.out());
    }

    @Test
    void whoHangsUpAtOnceHasFailed() throws IOException {
        Path socket = folder.resolve("rude.sock");
        try (ServerSocketChannel rude = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            rude.bind(UnixDomainSocketAddress.of(socket));
            Thread closing = new Thread(() -> hangUpAlways(rude), "rude back-end");
            closing.start();
            CommandCall call =
                    assertTimeoutPreemptively(LIMIT, () -> CommandCall.of("boot", "--machine", "vhost-user:" + socket));
            assertEquals(ExitStatus.FAILED, call.status(), call.err());
            assertTrue(inOneLine(call).contains("hung up"), call.out());
            assertTrue(call.out().contains("back-end   "), call.out());
        }
    }

    private static void hangUpAlways(ServerSocketChannel rude) {
        try {
            while (true) {
                rude.accept().close();
            }
        } catch (AsynchronousCloseException e) {
            // The test is over.
            return;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void aDaemonThatIsKilledInTheMiddleOfACloneIsStartedAgainAndTheCloneIsWhole() throws Exception {
        Path source = image("source.img", BIG);
        Path target = Files.write(folder.resolve("target.img"), new byte[BIG]);
        Thread killer = new Thread(() -> killWhoWrites(target), "killer");
        killer.start();
        JsonNode root = document(
                "boot",
                "--machine",
                "vhost-user",
                "--device",
                "blk,ro=on,file=" + source,
                "--device",
                "blk,file=" + target,
                "--app",
                "clone");
        killer.join();
        assertEquals(-1, Files.mismatch(source, target));
        assertEquals(1, root.at("/recoveries/blk1").asLong(), root.toString());
        assertFalse(root.get("recoveries").has("blk0"), root.toString());
    }

    /** Kills the daemon of an image when the first of its bytes is there. */
    private static void killWhoWrites(Path target) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        try (FileChannel content = FileChannel.open(target)) {
            ByteBuffer first = ByteBuffer.allocate(1);
            while (first.get(0) == 0 && System.nanoTime() < deadline) {
                content.read(first.clear(), 0);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        ProcessHandle.current()
                .descendants()
                .filter(process -> process.info()
                        .commandLine()
                        .filter(line -> line.contains(target.toString()))
                        .isPresent())
                .forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void ringsAreShownAndRecordedHereToo() throws IOException {
        Path recording = folder.resolve("boot.jfr");
        CommandCall call = CommandCall.of(
                "boot",
                "--machine",
                "vhost-user",
                "--dump-rings",
                "--record",
                recording.toString(),
                "--device",
                "blk,ro=on,file=" + image("disk.img", 1 << 20));
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        assertTrue(call.out().contains("blk0 queue 0: split ring of "), call.out());
        assertTrue(inOneLine(call).contains("jfr summary " + recording), call.out());
        assertTrue(Files.size(recording) > 0);
    }

    /** Long names of files make the log break its lines. */
    private static String inOneLine(CommandCall call) {
        return call.out().replaceAll("\\s+", " ");
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    private static JsonNode document(String command, String... rest) throws IOException {
        List<String> words = new ArrayList<>(List.of(command, "--json"));
        words.addAll(List.of(rest));
        CommandCall call = CommandCall.of(words.toArray(String[]::new));
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        return new ObjectMapper().readTree(call.out());
    }

    private Path image(String name, int bytes) throws IOException {
        byte[] content = new byte[bytes];
        new Random(5).nextBytes(content);
        return Files.write(folder.resolve(name), content);
    }
}
