package dev.postern.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code bounce} on the emulated machine. */
class BounceCommandTest {

    private static final ObjectReader ONE_DOCUMENT =
            new ObjectMapper().reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final int BYTES = (1 << 20) + 512;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"sev-snp,msix", "sev-snp,polled", "tdx,msix", "tdx,intx", "pseries-svm,msix"})
    void everyDiskArrivesThroughThePoolAndNothingPrivateIsSeen(String platform, String irq) throws IOException {
        Path first = image("a.img", 1);
        Path second = image("b.img", 2);
        CommandCall call = bounce(platform, "--irq", irq, "--device", disk(first), "--device", disk(second));
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        JsonNode root = ONE_DOCUMENT.readTree(call.out());
        assertEquals("postern.bounce/1", root.get("schema").asText());
        assertTrue(root.get("ok").asBoolean());
        assertEquals(0, root.get("exit").asInt());
        assertEquals(platform, root.get("platform").asText());
        assertEquals("emulated", root.get("machine").asText());
        assertEquals("Bounced over Direct", root.get("plan").asText());
        assertEquals(sha256(first), root.at("/digests/blk0").asText());
        assertEquals(sha256(second), root.at("/digests/blk1").asText());
        assertEquals(root.get("digests"), root.get("expected"));
        assertEquals(sha256(first), root.get("digest").asText());
        assertTrue(root.get("trace").size() > 0);
        assertTrue(root.get("mappings").asLong() > 0);
        assertTrue(root.get("bytesBounced").asLong() >= 2L * BYTES, root.toString());
        assertTrue(root.get("highWater").asLong() > 0);
        assertTrue(root.get("highWater").asLong() <= root.get("poolBytes").asLong());
        assertEquals(0, root.get("quarantined").asLong());
        assertEquals(0, root.get("leaks").asLong());
        assertTrue(root.at("/proof/canaryFrames").asLong() > 1000);
        assertTrue(root.at("/proof/canaryFramesHeld").asLong() > 0);
        assertEquals(0, root.get("errors").size());
    }

    @Test
    void sharedPagesAreCountedByPurposeAndTheHostHasTheSame() throws IOException {
        JsonNode root = ONE_DOCUMENT.readTree(bounce("sev-snp", "--pool", "1M", "--device", disk(image("a.img", 3)))
                .out());
        JsonNode by = root.get("sharedPagesBy");
        assertEquals((1 << 20) / 4096, by.get("pool").asLong());
        assertTrue(by.get("rings").asLong() > 0);
        assertEquals(1, by.get("interrupts").asLong());
        assertEquals(
                root.get("sharedPages").asLong(),
                by.valueStream().mapToLong(JsonNode::asLong).sum());
        assertEquals(
                root.get("sharedPages").asLong(), root.get("hostSharedPages").asLong());
        assertEquals(0, root.get("sharedLost").asLong());
    }

    @ParameterizedTest
    @ValueSource(strings = {"sev-snp", "tdx", "pseries-svm"})
    void aLeakOnPurposeIsFound(String platform) throws IOException {
        CommandCall call = bounce(platform, "--leak-control", "--device", disk(image("a.img", 4)));
        assertEquals(ExitStatus.FAILED, call.status(), call.err());
        JsonNode root = ONE_DOCUMENT.readTree(call.out());
        assertTrue(root.get("leaks").asLong() >= 1, root.toString());
        assertFalse(root.get("ok").asBoolean());
        assertTrue(root.at("/proof/sightings/0/place").asText().contains("in shared memory at 0x"));
        assertEquals(root.get("digests"), root.get("expected"), "the disk itself is read all the same");
        assertTrue(call.err().contains("postern: private memory has leaked: canary 0"), call.err());
    }

    @ParameterizedTest
    @CsvSource({
        "sev-snp,direct",
        "tdx,direct",
        "pseries-svm,direct",
        "sev-snp,direct-data",
        "tdx,direct-data",
        "pseries-svm,direct-data"
    })
    void aPlanThatCannotWorkFailsVisiblyWithOneLineForEachDisk(String platform, String plan) throws IOException {
        CommandCall call = assertTimeoutPreemptively(
                LIMIT,
                () -> bounce(
                        platform,
                        "--force",
                        plan,
                        "--device",
                        disk(image("a.img", 5)),
                        "--device",
                        disk(image("b.img", 6))));
        assertEquals(ExitStatus.FAILED, call.status(), call.err());
        JsonNode root = ONE_DOCUMENT.readTree(call.out());
        assertEquals(plan, root.get("force").asText());
        assertEquals(2, root.get("deadline").asLong());
        assertEquals(2, root.get("errors").size(), root.toString());
        assertEquals(0, root.get("leaks").asLong());
        for (int disk = 0; disk < 2; disk++) {
            String error = root.get("errors").get(disk).asText();
            assertTrue(error.startsWith("blk" + disk + ": "), error);
            assertTrue(error.contains("private memory"), error);
            assertFalse(root.at("/disks/" + disk + "/ok").asBoolean());
        }
        assertEquals(
                2,
                call.errLines().stream()
                        .filter(line -> line.startsWith("postern: blk"))
                        .count(),
                call.err());
    }

    @Test
    void onPlainAPoolCanBeForced() throws IOException {
        CommandCall call = bounce("plain", "--force", "bounced", "--device", disk(image("a.img", 7)));
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        JsonNode root = ONE_DOCUMENT.readTree(call.out());
        assertEquals("plain", root.get("platform").asText());
        assertTrue(root.get("bytesBounced").asLong() >= BYTES);
        assertEquals(0, root.get("leaks").asLong());
    }

    @ParameterizedTest
    @ValueSource(strings = {"64K", "64M"})
    void theSmallestAndTheLargestPoolServeADisk(String pool) throws IOException {
        CommandCall call = bounce("tdx", "--pool", pool, "--device", disk(image("a.img", 8)));
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        JsonNode root = ONE_DOCUMENT.readTree(call.out());
        assertTrue(root.get("bytesBounced").asLong() >= BYTES);
        assertEquals(root.at("/pool/bytes"), root.get("poolBytes"), "it does not grow");
    }

    @Test
    void theReportIsPlainAndAtMost100ColumnsWide() throws IOException {
        CommandCall call = CommandCall.of(
                "bounce", "--platform", "sev-snp", "--device", disk(image("a.img", 9)), "--deadline", "5");
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        assertEquals("", call.err());
        List<String> lines = call.out().lines().toList();
        lines.forEach(line -> assertTrue(line.length() <= 100, line));
        assertTrue(lines.stream().anyMatch(line -> line.startsWith("platform   sev-snp: ")), call.out());
        assertTrue(lines.stream().anyMatch(line -> line.startsWith("shared     ")), call.out());
        assertTrue(lines.stream().anyMatch(line -> line.startsWith("leaks      none")), call.out());
        assertTrue(lines.getLast().startsWith("done       1 of 1 disks"), call.out());
        assertFalse(call.out().contains("\u001b"), "colour without a terminal");
    }

    @Test
    void withJsonAWrongCallIsADocumentToo() throws IOException {
        CommandCall call = CommandCall.of("bounce", "--json", "--platform", "sev-snq");
        assertEquals(ExitStatus.WRONG_CALL, call.status());
        JsonNode root = ONE_DOCUMENT.readTree(call.out());
        assertEquals("postern.bounce/1", root.get("schema").asText());
        assertFalse(root.get("ok").asBoolean());
        assertTrue(root.get("leaks").isNull(), "nobody looked");
        assertTrue(root.at("/errors/0").asText().contains("did you mean 'sev-snp'?"), call.out());
        assertEquals(1, call.errLines().size(), call.err());
    }

    private static CommandCall bounce(String platform, String... rest) {
        List<String> line = new ArrayList<>(List.of("bounce", "--json", "--platform", platform));
        line.addAll(List.of(rest));
        return CommandCall.of(line.toArray(String[]::new));
    }

    private static String disk(Path file) {
        return "blk,file=%s,ro=on".formatted(file);
    }

    private Path image(String name, long seed) throws IOException {
        byte[] content = new byte[BYTES];
        new Random(seed).nextBytes(content);
        return Files.write(folder.resolve(name), content);
    }

    private static String sha256(Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
