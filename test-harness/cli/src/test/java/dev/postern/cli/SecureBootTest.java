package dev.postern.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code boot} on secure platforms of the emulated machine. */
class SecureBootTest {

    private static final String DISK = "blk,size=1M";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sev-snp|SEV-SNP is on|4096",
                "tdx|a TDX guest|4096",
                "pseries-svm|a secure guest|65536",
            })
    void theDocumentSaysWhatTheGuestFoundAndHowItDrivesItsDisk(String platform, String fact, int granule)
            throws IOException {
        JsonNode root = document("--platform", platform, "--device", DISK);
        assertEquals(platform, root.get("platform").asText());
        assertEquals(platform, root.at("/detected/platform").asText());
        assertEquals(granule, root.at("/detected/granule").asInt());
        assertTrue(
                root.get("trace")
                        .valueStream()
                        .anyMatch(step -> step.get("fact").asText().contains(fact)
                                && !step.get("source").asText().isEmpty()),
                root.get("trace").toString());
        assertEquals("Bounced over Direct", root.at("/devices/0/plan").asText());
        assertEquals("shareable", root.at("/memory/0/reach").asText());
        assertEquals(4 << 20, root.at("/pool/bytes").asLong());
        assertEquals(document("--device", DISK).at("/app/digest"), root.at("/app/digest"), "the disk is that of plain");
    }

    @Test
    void onPlainAllMemoryIsOpenAndThereIsNoPool() throws IOException {
        JsonNode root = document("--device", DISK);
        assertEquals("plain", root.at("/detected/platform").asText());
        assertTrue(root.at("/detected/mechanism").isNull());
        assertEquals("open", root.at("/memory/0/reach").asText());
        assertFalse(root.has("pool"));
    }

    @Test
    void aPoolThatWasAskedForIsAsLargeAndDoesNotGrow() throws IOException {
        JsonNode pool = document("--platform", "tdx", "--pool", "256K", "--device", DISK)
                .get("pool");
        assertEquals(256 << 10, pool.get("bytes").asLong());
        assertEquals(256 << 10, pool.get("most").asLong());
    }

    @ParameterizedTest
    @ValueSource(strings = {"4M", "16M", "128M"})
    void withoutAskingThePoolFitsIntoSmallMemoryToo(String ram) throws IOException {
        JsonNode root = document("--platform", "sev-snp", "--ram", ram, "--device", DISK);
        assertTrue(
                root.at("/pool/most").asLong() <= root.get("ram").asLong() / 2,
                root.get("pool").toString());
    }

    @Test
    void strictlyADeviceWithoutAccessPlatformIsRefusedInOneLine() {
        CommandCall call =
                CommandCall.of("boot", "--platform", "sev-snp", "--strict", "--device", DISK, "--app", "digest");
        assertEquals(ExitStatus.FAILED, call.status(), call.err());
        assertTrue(call.out().contains("refused"), call.out());
        assertTrue(call.errLines().getFirst().startsWith("postern: blk0 does not offer ACCESS_PLATFORM"), call.err());
        assertEquals(
                ExitStatus.DONE,
                CommandCall.of("boot", "--strict", "--device", DISK).status(),
                "on plain nothing is reserved about it");
    }

    @Test
    void theLogSaysWhatWasDetectedAndWhatIsShared() {
        CommandCall call = CommandCall.of("boot", "--platform", "tdx", "--device", DISK);
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        List<String> lines = call.out().lines().toList();
        assertTrue(lines.stream().anyMatch(line -> line.startsWith("platform   tdx: a TDX guest")), call.out());
        assertTrue(lines.stream().anyMatch(line -> line.contains("RAM, private until shared")), call.out());
        assertTrue(lines.stream().anyMatch(line -> line.matches("pool +4 MiB at 0x.*, grows to 32 MiB")), call.out());
        lines.forEach(line -> assertTrue(line.length() <= 100, line));
    }

    private static JsonNode document(String... words) throws IOException {
        String[] line = new String[words.length + 2];
        line[0] = "boot";
        line[1] = "--json";
        System.arraycopy(words, 0, line, 2, words.length);
        CommandCall call = CommandCall.of(line);
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        return new ObjectMapper().readTree(call.out());
    }
}
