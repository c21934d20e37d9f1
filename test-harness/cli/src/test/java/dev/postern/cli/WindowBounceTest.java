package dev.postern.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.postern.lab.MachineKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Secure platforms on machines whose devices are other processes, which have nothing of the guest but a window. */
@ParameterizedClass(name = "{0}")
@EnumSource(
        value = MachineKind.class,
        names = {"QEMU_Q35", "VHOST_USER"})
class WindowBounceTest {

    private static final int BYTES = 1 << 20;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Parameter
    private MachineKind machine;

    @TempDir
    private Path folder;

    @BeforeEach
    void requireMachine() {
        machine.missing().ifPresent(why -> {
            if ("1".equals(System.getenv("POSTERN_REQUIRE_PEERS"))) {
                fail(why);
            }
            abort(why);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"sev-snp", "tdx", "pseries-svm"})
    void theDiskArrivesAndTheDeviceHasNothingPrivate(String platform) throws IOException {
        CommandCall call = bounce(platform);
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        JsonNode root = new ObjectMapper().readTree(call.out());
        assertEquals(machine.label(), root.get("machine").asText());
        assertEquals(platform, root.get("platform").asText());
        assertEquals(64, root.at("/digests/blk0").asText().length());
        assertEquals(root.get("digests"), root.get("expected"));
        assertTrue(root.get("bytesBounced").asLong() >= BYTES);
        assertEquals(0, root.get("leaks").asLong());
        assertEquals(
                root.get("sharedPages").asLong(), root.get("hostSharedPages").asLong());
        assertTrue(root.at("/proof/isolation").asText().startsWith(who() + " runs as "), root.toString());
        assertTrue(root.at("/proof/searched/1").asText().contains(" maps ["), root.toString());
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
        assertTrue(root.at("/proof/sightings/0/place").asText().contains("in the window that "));
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
        if (machine == MachineKind.VHOST_USER && plan.equals("direct-data")) {
            assertTrue(root.at("/errors/0").asText().contains("vu_panic"), "its last words: " + root);
        }
    }

    @Test
    void theBootLogSaysWhatKeepsDevicesFromPrivateMemory() throws IOException {
        CommandCall call = CommandCall.of(
                "boot", "--machine", machine.label(), "--platform", "sev-snp", "--device", "blk,ro=on,file=" + image());
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        assertTrue(call.out().contains("isolation  " + who() + " runs as "), call.out());
        assertTrue(call.out().contains("RAM, private until shared"), call.out());
        assertTrue(
                call.out().lines().anyMatch(line -> line.endsWith("RAM, private")),
                call.out());
        assertTrue(call.out().contains("Bounced over Direct"), call.out());
    }

    private CommandCall bounce(String platform, String... rest) throws IOException {
        List<String> line = new ArrayList<>(List.of(
                "bounce",
                "--json",
                "--machine",
                machine.label(),
                "--platform",
                platform,
                "--device",
                "blk,ro=on,file=" + image()));
        line.addAll(List.of(rest));
        return CommandCall.of(line.toArray(String[]::new));
    }

    private String who() {
        return machine == MachineKind.QEMU_Q35 ? "QEMU" : "The storage daemon";
    }

    private Path image() throws IOException {
        byte[] content = new byte[BYTES];
        new Random(11).nextBytes(content);
        return Files.write(folder.resolve("disk.img"), content);
    }
}
