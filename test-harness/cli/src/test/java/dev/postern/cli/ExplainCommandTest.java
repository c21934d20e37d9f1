package dev.postern.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExplainCommandTest {

    private static final ObjectReader ONE_DOCUMENT =
            new ObjectMapper().reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final int SCREEN = 50;

    private static final String FACTS = """
        schema = "postern.facts/1"
        [platform]
        architecture = "power"
        protection = "pseries-svm"
        [[device]]
        name = "virtio0"
        device-type = 2
        """;

    private static final String ROW = """
        [[row]]
        id = "%s"
        title = "a title"
        reason = "a reason"
        source = "a source"
        [row.match]
        device-type = 2
        [row.set]
        %s
        [row.given]
        device-type = 2
        [row.expect]
        bus-bits = "30"
        """;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pseries-svm|blk|Bounced over Direct|coherent|VERSION_1",
                "pseries-svm|blk,features=-access_platform|Bounced over Direct|coherent|VERSION_1",
                "pseries-svm|blk,features=+access_platform|Bounced over Direct|coherent|VERSION_1,ACCESS_PLATFORM",
                "sev-snp|blk|Bounced over Direct|coherent|VERSION_1",
                "snp|blk|Bounced over Direct|coherent|VERSION_1",
                "xen-pv|blk,features=+access_platform|Granted|coherent|VERSION_1,ACCESS_PLATFORM",
                "xen-pv|blk|refused|coherent|",
                "pseries|blk|Direct|coherent|VERSION_1",
                "pseries|blk,features=+access_platform|Direct + 0x800000000000000|coherent|VERSION_1,ACCESS_PLATFORM",
                "pseries|blk,features=+access_platform,address-bits=32|Translated by"
                        + " tce|coherent|VERSION_1,ACCESS_PLATFORM",
                "sparc64|blk|Direct|coherent|VERSION_1",
                "sparc64|blk,features=+access_platform|Translated by dvma|coherent|VERSION_1,ACCESS_PLATFORM",
                "q35-dmar|blk,transport=transitional-pci|Direct|coherent|VERSION_1",
                "q35-dmar|blk,features=+access_platform|Translated by intel|coherent|VERSION_1,ACCESS_PLATFORM",
                "q35-dmar|net,transport=legacy-pci|Direct|coherent|",
                "plain|blk,address-bits=32|Bounced over Direct|coherent|VERSION_1",
                "tdx|blk,transport=legacy-pci|refused|coherent|",
                "tdx|balloon|refused|coherent|",
                "arm-noncoherent|blk,transport=modern-mmio|Direct|coherent|VERSION_1",
                "arm-noncoherent|blk,transport=modern-mmio,features=+access_platform|Direct|non-coherent|VERSION_1,ACCESS_PLATFORM",
                "arm|blk,transport=modern-mmio,snooped=no,features=+access_platform|Direct|non-coherent|VERSION_1,ACCESS_PLATFORM",
                "openvmm|rng|Direct|coherent|VERSION_1,ACCESS_PLATFORM"
            })
    void theAnswerToACase(String preset, String device, String plan, String coherency, String accepts)
            throws IOException {
        JsonNode root = document("--platform", preset, "--device", device);
        assertEquals(plan, root.get("plan").asText());
        assertEquals(coherency, root.get("coherency").asText());
        assertEquals(
                accepts == null ? "" : accepts,
                String.join(",", texts(root.get("accepts")).toList()));
        CommandCall text = CommandCall.of("explain", "--platform", preset, "--device", device);
        assertTrue(text.out().lines().findFirst().orElseThrow().endsWith(": " + plan), text.out());
    }

    @Test
    void aSecurePartitionWithoutTheFeatureIsToldWithRowsAndRulesByFileAndLine() {
        CommandCall call = CommandCall.of("explain", "--platform", "pseries-svm", "--device", "blk");
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        String out = call.out();
        assertTrue(out.contains("Linux hands out private addresses here and stalls"), out);
        assertTrue(out.matches("(?s).*\\[AccessPlatformNotOffered\\.java:\\d+;.*"), out);
        assertTrue(out.matches("(?s).*\\[SharedPagesOnlyBounce\\.java:\\d+;.*"), out);
        assertTrue(out.matches("(?s).*row +pseries-svm .*\\[10-secure\\.toml:\\d+\\].*"), out);
        assertTrue(out.contains("without row pseries-svm: Direct"), out);
        assertTrue(out.contains("with ACCESS_PLATFORM: Bounced over Direct, accepts"), out);
        assertTrue(out.contains("as postern boot's devices"), out);
        assertTrue(out.lines().count() <= SCREEN, out);
        assertTrue(out.lines().allMatch(line -> line.length() <= 100), out);
    }

    @Test
    void whereLinuxRefusesItSaysSo() {
        for (String preset : List.of("sev-snp", "tdx", "s390-pv")) {
            String out = CommandCall.of("explain", "--platform", preset, "--device", "blk")
                    .out();
            assertTrue(out.contains("Linux refuses"), out);
            assertFalse(out.contains("hands out private addresses here"), out);
        }
    }

    @Test
    void strictlyBothAreRefusedAndTheRemedyIsNamed() {
        for (String preset : List.of("pseries-svm", "sev-snp")) {
            CommandCall call = CommandCall.of("explain", "--platform", preset, "--device", "blk", "--strict");
            assertEquals(ExitStatus.DONE, call.status());
            assertTrue(call.out().contains("blk0 on %s: refused".formatted(preset)), call.out());
            assertTrue(call.out().contains("features=+access_platform"), call.out());
        }
        assertTrue(CommandCall.of("explain", "--platform", "pseries-svm", "--device", "blk", "--strict")
                .out()
                .contains("Linux hands out private addresses here and stalls"));
    }

    @Test
    void whyNotNamesTheRuleAndTheChange() throws IOException {
        JsonNode whyNot = document("--platform", "q35-dmar", "--device", "blk", "--why-not", "translated")
                .get("whyNot");
        assertEquals("R1", whyNot.at("/preventedBy/0/id").asText());
        assertEquals("offered", whyNot.at("/changes/0/facts/access-platform").asText());
        assertEquals("Translated by intel", whyNot.at("/changes/0/plan").asText());
        assertEquals(1, whyNot.get("changes").size());
        String text = CommandCall.of("explain", "--platform", "q35-dmar", "--device", "blk", "--why-not", "translated")
                .out();
        assertTrue(text.contains("translated: prevented by R1") && text.contains("access-platform = offered"), text);
        assertTrue(CommandCall.of("explain", "--device", "blk", "--why-not", "direct")
                .out()
                .contains("direct is what comes of it"));
    }

    @Test
    void verboseTellsOfEveryRowAndRule() throws IOException {
        JsonNode root = document("--device", "blk");
        String out = CommandCall.of("explain", "--device", "blk", "-v").out().replaceAll("\\s+", " ");
        for (JsonNode row : root.get("rows")) {
            assertTrue(
                    out.contains("%s:%d"
                            .formatted(row.get("file").asText(), row.get("line").asInt())),
                    row::toString);
        }
        assertTrue(root.get("rows").size() > 50 && root.get("rules").size() > 20);
        for (JsonNode rule : root.get("rules")) {
            assertTrue(out.contains(rule.get("file").asText()), rule::toString);
        }
    }

    @Test
    void aRowLeftOutChangesTheAnswerAndTheAnswerSaysSo() throws IOException {
        JsonNode root = document("--platform", "tdx", "--device", "blk", "--without", "tdx");
        assertEquals("Direct", root.get("plan").asText());
        assertTrue(root.get("notes").toString().contains("row tdx was left out"), root.toString());
    }

    @Test
    void aFactGivenOnTheLineHasTheLastWordAndItsOwnProvenance() throws IOException {
        JsonNode root = document("--device", "blk,address-bits=64", "--fact", "address-bits=32");
        assertEquals("Bounced over Direct", root.get("plan").asText());
        assertTrue(root.get("deciding").toString().contains("address bits 32 (--fact)"), root.toString());
    }

    @Test
    void aRecordedDeviceIsExplainedWithTheLinesOfItsFile() throws IOException {
        Path file = Files.writeString(folder.resolve("m.toml"), FACTS);
        CommandCall call = CommandCall.of("explain", "--facts", file.toString());
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        assertTrue(call.out().contains("virtio0 on " + file + ": Bounced over Direct"), call.out());
        assertTrue(call.out().contains("not recorded, the usual value"), call.out());
        JsonNode root = document("--facts", file.toString(), "--device", "net,id=eth");
        assertEquals("eth", root.get("device").asText());
        assertEquals("Bounced over Direct", root.get("plan").asText());
        assertTrue(root.get("facts").toString().contains(file + ":4"), root.toString());
    }

    @Test
    void aLocalRowCountsAndABadOneIsSetAsideByFileLineAndColumn() throws IOException {
        Path file = Files.writeString(
                folder.resolve("90-own.toml"),
                ROW.formatted("own", "bus-bits = 30") + ROW.formatted("bad", "plan = \"Direct\""));
        Map<String, String> environment = Map.of("POSTERN_QUIRKS", folder.toString());
        CommandCall call =
                CommandCall.in(environment, "explain", "--json", "--device", "blk,features=+access_platform");
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        assertEquals(1, call.errLines().size(), call.err());
        assertTrue(call.err().startsWith("postern: set aside: " + file + ":22:1: \"plan\" is an outcome"), call.err());
        JsonNode root = ONE_DOCUMENT.readTree(call.out());
        assertEquals("Bounced over Direct", root.get("plan").asText());
        assertEquals("own", root.at("/counterfactuals/0/withoutRow").asText());
        assertEquals("Direct", root.at("/counterfactuals/0/plan").asText());
    }

    @Test
    void whatIsWrongInAFactsFileIsOneLineWithItsPlace() throws IOException {
        Path file = Files.writeString(folder.resolve("m.toml"), FACTS.replace("\"power\"", "\"arm\""));
        CommandCall call = CommandCall.of("explain", "--facts", file.toString());
        assertEquals(ExitStatus.WRONG_CALL, call.status());
        assertEquals(1, call.errLines().size(), call.err());
        assertTrue(call.err().startsWith("postern: " + file + ":3:1: architecture = arm"), call.err());
        Path big = folder.resolve("big.toml");
        Files.write(big, new byte[2 << 20]);
        for (Path wrong : List.of(big, folder, folder.resolve("none"))) {
            CommandCall one = CommandCall.of("explain", "--facts", wrong.toString());
            assertEquals(ExitStatus.WRONG_CALL, one.status());
            assertEquals(1, one.errLines().size(), one.err());
        }
    }

    @Test
    void theSameQuestionHasTheSameAnswerToTheByte() {
        String[] words = {"explain", "--json", "--platform", "tdx", "--device", "blk,features=+access_platform"};
        assertEquals(CommandCall.of(words).out(), CommandCall.of(words).out());
    }

    private static Stream<String> texts(JsonNode array) {
        return array.valueStream().map(JsonNode::asText);
    }

    private static JsonNode document(String... words) throws IOException {
        CommandCall call = CommandCall.of(
                Stream.concat(Stream.of("explain", "--json"), Stream.of(words)).toArray(String[]::new));
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        JsonNode root = ONE_DOCUMENT.readTree(call.out());
        assertEquals("postern.explain/1", root.get("schema").asText());
        assertTrue(root.get("ok").asBoolean());
        return root;
    }
}
