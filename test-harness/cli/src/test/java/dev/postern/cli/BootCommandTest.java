package dev.postern.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.postern.emulated.SeededContent;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BootCommandTest {

    private static final ObjectReader ONE_DOCUMENT =
            new ObjectMapper().reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"msix", "intx", "polled"})
    void theDigestInTheDocumentIsThatOfTheFile(String irq) throws IOException {
        Path file = image("disk.img", 3 * 512 + (1 << 20), 1);
        CommandCall call =
                CommandCall.of("boot", "--json", "--irq", irq, "--device", "blk,file=%s,ro=on".formatted(file));
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        JsonNode root = ONE_DOCUMENT.readTree(call.out());
        assertEquals("postern.boot/1", root.get("schema").asText());
        assertTrue(root.get("ok").asBoolean());
        assertEquals("emulated", root.get("machine").asText());
        assertEquals("plain", root.get("platform").asText());
        assertEquals(irq, root.get("irq").asText());
        assertEquals(
                sha256(Files.readAllBytes(file)), root.at("/app/digest/blk0").asText());
        assertEquals(Files.size(file), root.at("/runs/digest/bytes").asLong());
        assertEquals(irq.equals("msix"), root.at("/interrupts/messages").asLong() > 0, call.out());
        assertEquals(irq.equals("intx"), root.at("/interrupts/lines").asLong() > 0, call.out());
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "specialised"})
    void queuesOfEitherCodeReadTheSame(String code) throws IOException {
        Path file = image("disk.img", 1 << 20, 2);
        JsonNode root = document("--queues", code, "--device", "blk,file=%s,ro=on".formatted(file));
        assertEquals(
                sha256(Files.readAllBytes(file)), root.at("/app/digest/blk0").asText());
    }

    @Test
    void theDocumentTellsOfEachDeviceWhatItOffersAndWhyItIsDriven() throws IOException {
        JsonNode root = document("--device", "blk,size=1M,ro=on", "--device", "rng");
        JsonNode disk = root.at("/devices/0");
        assertEquals("blk0", disk.get("name").asText());
        assertEquals("pci 00:01.0", disk.get("location").asText());
        assertEquals("blk", disk.get("driver").asText());
        assertEquals("driven", disk.get("outcome").asText());
        assertEquals("Direct", disk.get("plan").asText());
        assertFalse(disk.get("why").asText().isEmpty());
        assertTrue(disk.get("explanation").size() > 1);
        assertTrue(texts(disk.get("offered")).containsAll(texts(disk.get("accepted"))));
        assertTrue(texts(disk.get("accepted")).containsAll(List.of("ro", "version_1")), disk.toString());
        assertEquals("rng0", root.at("/devices/1/name").asText());
        assertEquals(
                128L << 20,
                root.get("memory")
                        .valueStream()
                        .mapToLong(region -> region.get("bytes").asLong())
                        .sum());
    }

    @Test
    void withoutADeviceThereIsADiskWhoseContentFollowsFromTheSeed() throws IOException {
        byte[] content = new byte[64 << 20];
        SeededContent.fill(7, 0, MemorySegment.ofArray(content));
        JsonNode root = document("--seed", "7");
        assertEquals(sha256(content), root.at("/app/digest/blk0").asText());
        assertEquals(64, root.at("/app/entropy/rng0").asText().length());
    }

    @Test
    void theSameSeedGivesTheSameEntropyAndAnotherSeedAnother() throws IOException {
        String first = document("--device", "rng").at("/app/entropy/rng0").asText();
        assertEquals(first, document("--device", "rng").at("/app/entropy/rng0").asText());
        assertNotEquals(
                first,
                document("--device", "rng", "--seed", "2")
                        .at("/app/entropy/rng0")
                        .asText());
    }

    @Test
    void cloneCopiesTheFirstFileAndLeavesTheRestOfTheSecond() throws IOException {
        Path source = image("source.img", 1 << 20, 2);
        Path target = image("target.img", (1 << 20) + 4096, 3);
        byte[] from = Files.readAllBytes(source);
        byte[] tail = tail(target, 4096);
        CommandCall call = CommandCall.of(
                "boot",
                "--device",
                "blk,file=%s,ro=on".formatted(source),
                "--device",
                "blk,file=" + target,
                "--app",
                "clone");
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        assertArrayEquals(from, Files.readAllBytes(source));
        byte[] to = Files.readAllBytes(target);
        assertArrayEquals(from, java.util.Arrays.copyOf(to, from.length));
        assertArrayEquals(tail, tail(target, 4096));
    }

    @Test
    void digestChangesNoByteOfAWritableImage() throws IOException {
        Path file = image("disk.img", 1 << 16, 4);
        byte[] before = Files.readAllBytes(file);
        assertEquals(
                ExitStatus.DONE,
                CommandCall.of("boot", "--device", "blk,file=" + file).status());
        assertArrayEquals(before, Files.readAllBytes(file));
    }

    @Test
    void twentyDisksBehindABridgeAreFoundInTheOrderOfTheLine() throws IOException {
        List<String> words = new ArrayList<>(List.of("--device", "bridge,id=br0"));
        List<String> digests = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Path file = image("disk%d.img".formatted(i), 512 * (i + 1), i);
            digests.add(sha256(Files.readAllBytes(file)));
            words.addAll(List.of("--device", "blk,bus=br0,file=%s,ro=on".formatted(file)));
        }
        JsonNode digest = document(words.toArray(String[]::new)).at("/app/digest");
        assertEquals(digests, texts(digest));
        assertEquals(20, digest.size());
    }

    @Test
    void theLogIsPlainAndAtMost100ColumnsWideAndStandardErrorIsEmpty() {
        CommandCall call = CommandCall.of(
                "boot", "--device", "bridge,id=br0", "--device", "blk,size=1M,bus=br0", "--device", "rng");
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        assertEquals("", call.err());
        call.out().lines().forEach(line -> assertTrue(line.length() <= 100, line));
        assertFalse(call.out().contains("\u001b"), "colour without a terminal");
        assertTrue(call.out().contains("└─ "), call.out());
        assertTrue(call.out().contains("│  └─ "), call.out());
        assertTrue(call.out().contains("hole"), call.out());
        assertTrue(call.out().contains("+version_1"), call.out());
        assertTrue(call.out().lines().toList().getLast().startsWith("done "), call.out());
    }

    @Test
    void withJsonTheLogGoesToStandardError() {
        CommandCall call = CommandCall.of("boot", "--json", "--device", "rng");
        assertTrue(call.out().startsWith("{"), call.out());
        assertTrue(call.err().contains("└─ "), call.err());
    }

    private static JsonNode document(String... words) throws IOException {
        List<String> line = new ArrayList<>(List.of("boot", "--json"));
        line.addAll(List.of(words));
        CommandCall call = CommandCall.of(line.toArray(String[]::new));
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        return ONE_DOCUMENT.readTree(call.out());
    }

    private Path image(String name, int bytes, long seed) throws IOException {
        byte[] content = new byte[bytes];
        new Random(seed).nextBytes(content);
        return Files.write(folder.resolve(name), content);
    }

    private static byte[] tail(Path file, int bytes) throws IOException {
        byte[] all = Files.readAllBytes(file);
        return java.util.Arrays.copyOfRange(all, all.length - bytes, all.length);
    }

    private static List<String> texts(JsonNode array) {
        return array.valueStream().map(JsonNode::asText).toList();
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
