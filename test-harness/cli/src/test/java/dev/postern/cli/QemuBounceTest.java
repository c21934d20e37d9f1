package dev.postern.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.postern.attach.QemuProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Secure platforms on a real QEMU, whose window is all that it has of the guest. */
class QemuBounceTest {

    private static final int BYTES = 1 << 20;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    @BeforeAll
    static void requireQemu() {
        if (QemuProbe.look().isEmpty()) {
            String why = "no QEMU here: install the Debian package " + QemuProbe.DEBIAN_PACKAGE;
            if ("1".equals(System.getenv("POSTERN_REQUIRE_PEERS"))) {
                fail(why);
            }
            abort(why);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sev-snp", "tdx", "pseries-svm"})
    void theDiskArrivesAndQemuHasNothingPrivate(String platform) throws IOException {
        CommandCall call = bounce(platform);
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        JsonNode root = new ObjectMapper().readTree(call.out());
        assertEquals("qemu-q35", root.get("machine").asText());
        assertEquals(platform, root.get("platform").asText());
        assertEquals(64, root.at("/digests/blk0").asText().length());
        assertEquals(root.get("digests"), root.get("expected"));
        assertTrue(root.get("bytesBounced").asLong() >= BYTES);
        assertEquals(0, root.get("leaks").asLong());
        assertEquals(
                root.get("sharedPages").asLong(), root.get("hostSharedPages").asLong());
        assertTrue(root.at("/proof/isolation").asText().startsWith("QEMU runs as "));
        assertTrue(root.at("/proof/searched/1").asText().startsWith("QEMU maps "));
        assertTrue(
                root.get("memory")
                        .valueStream()
                        .anyMatch(part -> part.get("reach").asText().equals("private")),
                root.get("memory").toString());
    }

    @Test
    void aLeakOnPurposeIsFound() throws IOException {
        CommandCall call = bounce("sev-snp", "--leak-control");
        assertEquals(ExitStatus.FAILED, call.status(), call.err());
        JsonNode root = new ObjectMapper().readTree(call.out());
        assertTrue(root.get("leaks").asLong() >= 1, root.toString());
        assertTrue(root.at("/proof/sightings/0/place").asText().contains("in the window that QEMU maps"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"direct", "direct-data"})
    void aPlanThatCannotWorkFailsVisibly(String plan) throws IOException {
        CommandCall call = assertTimeoutPreemptively(LIMIT, () -> bounce("tdx", "--force", plan, "--deadline", "1"));
        assertEquals(ExitStatus.FAILED, call.status(), call.err());
        JsonNode root = new ObjectMapper().readTree(call.out());
        assertEquals(1, root.get("errors").size(), root.toString());
        assertTrue(root.at("/errors/0").asText().startsWith("blk0: "), root.toString());
        assertFalse(root.at("/disks/0/ok").asBoolean());
        assertEquals(0, root.get("leaks").asLong());
    }

    @Test
    void theBootLogSaysWhatKeepsQemuFromPrivateMemory() throws IOException {
        CommandCall call = CommandCall.of(
                "boot", "--machine", "qemu-q35", "--platform", "sev-snp", "--device", "blk,ro=on,file=" + image());
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        assertTrue(call.out().contains("isolation  QEMU runs as "), call.out());
        assertTrue(call.out().contains("RAM, private until shared"), call.out());
        assertTrue(
                call.out().lines().anyMatch(line -> line.endsWith("RAM, private") && line.contains("0x100000000-")),
                call.out());
        assertTrue(call.out().contains("Bounced over Direct"), call.out());
    }

    private CommandCall bounce(String platform, String... rest) throws IOException {
        List<String> line = new ArrayList<>(List.of(
                "bounce",
                "--json",
                "--machine",
                "qemu-q35",
                "--platform",
                platform,
                "--device",
                "blk,ro=on,file=" + image()));
        line.addAll(List.of(rest));
        return CommandCall.of(line.toArray(String[]::new));
    }

    private Path image() throws IOException {
        byte[] content = new byte[BYTES];
        new Random(11).nextBytes(content);
        return Files.write(folder.resolve("disk.img"), content);
    }
}
