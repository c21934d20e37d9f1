package dev.postern.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.postern.quirks.QuirkRow;
import dev.postern.quirks.QuirkTable;
import dev.postern.quirks.decision.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuirksCommandTest {

    private static final String ROW = """
        [[row]]
        id = "own"
        title = "a title"
        reason = "a reason"
        source = "a source"
        [row.match]
        device-type = 2
        [row.set]
        bus-bits = 30
        [row.given]
        device-type = 2
        [row.expect]
        bus-bits = "30"
        """;

    @TempDir
    private Path folder;

    private static JsonNode document(String... words) throws IOException {
        CommandCall call = CommandCall.of(words);
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        return new ObjectMapper().readTree(call.out());
    }

    @Test
    void theDocumentHasEveryRowAndRuleWithItsPlace() throws IOException {
        JsonNode root = document("quirks", "list", "--json");
        assertEquals("postern.quirks/1", root.get("schema").asText());
        List<JsonNode> quirks = root.get("quirks").valueStream().toList();
        assertEquals(QuirkTable.shipped().rows().size() + Rule.inOrder().size(), quirks.size());
        for (JsonNode quirk : quirks) {
            for (String key : List.of("id", "kind", "title", "reason", "source", "file", "line", "match", "set")) {
                assertTrue(quirk.hasNonNull(key), () -> key + " of " + quirk);
            }
            assertTrue(quirk.get("line").asInt() > 0, quirk::toString);
        }
        Set<String> kinds =
                quirks.stream().map(quirk -> quirk.get("kind").asText()).collect(Collectors.toSet());
        assertEquals(Set.of("row", "rule"), kinds);
        JsonNode tdx = quirks.stream()
                .filter(quirk -> quirk.get("id").asText().equals("tdx"))
                .findFirst()
                .orElseThrow();
        assertEquals("tdx", tdx.at("/match/protection/0").asText());
        assertEquals("shared-pages-only", tdx.at("/set/reach").asText());
    }

    @Test
    void theListHasALineForEachAndIsCutToTheTerminal() {
        CommandCall whole = CommandCall.of("quirks", "list");
        for (QuirkRow row : QuirkTable.shipped().rows()) {
            assertTrue(
                    whole.out()
                            .lines()
                            .anyMatch(line -> line.strip().startsWith(row.id() + " ") && line.endsWith(row.title())),
                    row::id);
        }
        for (Rule rule : Rule.inOrder()) {
            assertTrue(whole.out().contains(rule.title()), rule::id);
        }
        CommandCall narrow = CommandCall.in(Map.of("COLUMNS", "60"), "quirks", "list");
        assertTrue(narrow.out().lines().allMatch(line -> line.length() <= 60), narrow.out());
        assertEquals(whole.out().lines().count(), narrow.out().lines().count());
    }

    @Test
    void everyRowAndRuleIsShownWithItsVectorRunLive() throws IOException {
        for (QuirkRow row : QuirkTable.shipped().rows()) {
            JsonNode quirk = document("quirks", "show", row.id(), "--json").at("/quirks/0");
            assertTrue(quirk.at("/vector/holds").asBoolean(), row::id);
        }
        for (Rule rule : Rule.inOrder()) {
            JsonNode quirk = document("quirks", "show", rule.id(), "--json").at("/quirks/0");
            assertTrue(quirk.at("/vector/holds").asBoolean(), rule::id);
        }
        String page = CommandCall.of("quirks", "show", "pseries-svm").out();
        assertTrue(page.contains("match      protection = pseries-svm"), page);
        assertTrue(page.contains("without    plan = Direct"), page);
        assertTrue(page.contains("so the row matters"), page);
        assertTrue(CommandCall.of("quirks", "show", "r1").out().contains("so the rule matters"));
    }

    @Test
    void aCleanLintIsOneLine() throws IOException {
        CommandCall shipped = CommandCall.of("quirks", "lint");
        assertEquals(ExitStatus.DONE, shipped.status(), shipped.err());
        assertEquals(1, shipped.out().lines().count(), shipped.out());
        Path file = Files.writeString(folder.resolve("own.toml"), ROW);
        for (Path what : List.of(file, folder)) {
            CommandCall own = CommandCall.of("quirks", "lint", what.toString());
            assertEquals("1 row in 1 file, nothing to complain of\n", own.out(), own.err());
        }
    }

    @Test
    void aLintOfWhatIsWrongHasALineForEachWithFileLineAndColumn() throws IOException {
        Path typo = Files.writeString(folder.resolve("a.toml"), ROW.replace("bus-bits = 30", "bus-bit = 30"));
        Path idle = Files.writeString(folder.resolve("b.toml"), ROW.replace("bus-bits = \"30\"", "bus-bits = \"31\""));
        Path vain = Files.writeString(
                folder.resolve("c.toml"),
                ROW.replace("\"own\"", "\"own2\"").replace("bus-bits = \"30\"", "plan = \"Direct\""));
        Path garbage = Files.writeString(folder.resolve("d.toml"), "[[row\n");
        Path latin = Files.write(folder.resolve("e.toml"), new byte[] {'#', (byte) 0xe4});
        Path big = folder.resolve("f.toml");
        Files.write(big, new byte[(1 << 20) + 1]);
        lint(typo, ":9:1: unknown key \"bus-bit\"");
        lint(idle, ":1:1: the vector of row own expects {bus-bits=31}, and {bus-bits=30} comes");
        lint(vain, ":1:1: the vector of row own2 holds without the row too");
        lint(garbage, ":1:");
        lint(latin, ":1:2: is not UTF-8");
        lint(big, ":1:1: is longer than 1048576 bytes");
        lint(folder.resolve("none.toml"), ":1:1: cannot be read");
        lint(Files.createDirectory(folder.resolve("empty")), ":1:1: is a folder without a file");
    }

    private static void lint(Path file, String about) {
        CommandCall call = CommandCall.of("quirks", "lint", file.toString());
        assertEquals(ExitStatus.WRONG_CALL, call.status(), call.err());
        assertEquals(1, call.errLines().size(), call.err());
        assertTrue(call.err().startsWith(file + about), call.err());
        assertEquals("", call.out());
    }

    @Test
    void aLintWithoutFilesLooksAtTheLocalOnesToo() throws IOException {
        Files.writeString(folder.resolve("own.toml"), ROW.replace("bus-bits = 30", "bus-bit = 30"));
        CommandCall call = CommandCall.in(Map.of("POSTERN_QUIRKS", folder.toString()), "quirks", "lint");
        assertEquals(ExitStatus.WRONG_CALL, call.status());
        assertTrue(call.err().contains("own.toml:9:1: "), call.err());
    }

    @Test
    void aLocalRowIsListedAndShownAndMatches() throws IOException {
        Files.writeString(folder.resolve("own.toml"), ROW);
        Map<String, String> environment = Map.of("POSTERN_QUIRKS", folder.toString());
        assertTrue(CommandCall.in(environment, "quirks", "list").out().contains("own.toml  1 row"));
        assertTrue(CommandCall.in(environment, "quirks", "show", "own").out().contains("so the row matters"));
        assertTrue(CommandCall.in(environment, "quirks", "match", "--device", "blk")
                .out()
                .contains("sets bus-bits: 64 -> 30"));
    }

    @Test
    void aLocalRowThatSetsWhatCannotBeIsAWrongCallWhereverItIsTried() throws IOException {
        Files.writeString(
                folder.resolve("own.toml"),
                ROW.replace("bus-bits = 30", "bus-bits = \"max-mapping\"")
                        .replace("bus-bits = \"30\"", "plan = \"Direct\""));
        Map<String, String> environment = Map.of("POSTERN_QUIRKS", folder.toString());
        for (String line : List.of(
                "quirks lint",
                "quirks show own",
                "quirks match --device blk",
                "quirks matrix",
                "explain --device blk")) {
            CommandCall call = CommandCall.in(environment, line.split(" "));
            assertEquals(ExitStatus.WRONG_CALL, call.status(), line + call.err());
            assertEquals(1, call.errLines().size(), call.err());
            assertTrue(call.err().contains("bus-bits is \"0\": give a number from 1 to 64"), call.err());
        }
    }

    @Test
    void matchHasTheRowsThatMatchInOrderAndWhatTheySet() throws IOException {
        JsonNode root = document("quirks", "match", "--json", "--platform", "arm-pool", "--device", "blk");
        assertEquals("postern.match/1", root.get("schema").asText());
        assertEquals(
                List.of("restricted-pool", "bounce-slot-limit"),
                root.get("rows")
                        .valueStream()
                        .map(row -> row.get("id").asText())
                        .toList());
        assertEquals("reach", root.at("/rows/0/effects/0/fact").asText());
        assertEquals("restricted-pool", root.at("/rows/0/effects/0/after").asText());
    }

    @Test
    void theMatrixHasACellForEveryPresetAndFeatureSet() throws IOException {
        JsonNode root = document("quirks", "matrix", "--json");
        assertEquals("postern.matrix/1", root.get("schema").asText());
        List<JsonNode> cells = root.get("cells").valueStream().toList();
        assertEquals(0, cells.size() % 8);
        JsonNode translated = cells.stream()
                .filter(cell -> cell.get("preset").asText().equals("q35-dmar")
                        && cell.get("features").toString().equals("[\"VERSION_1\",\"ACCESS_PLATFORM\"]"))
                .findFirst()
                .orElseThrow();
        assertEquals("Translated by intel", translated.get("plan").asText());
        JsonNode legacy = document("quirks", "matrix", "--json", "--device", "blk,transport=legacy-pci")
                .get("cells");
        assertTrue(
                legacy.valueStream()
                        .allMatch(cell -> cell.get("features").isEmpty()
                                == cell.get("plan").isTextual()),
                "a legacy device offers none of these features");
    }

    @Test
    void theMatrixIsAPictureWithALegendThatFitsTheTerminal() {
        CommandCall call = CommandCall.in(Map.of("COLUMNS", "100"), "quirks", "matrix");
        assertTrue(call.out().lines().allMatch(line -> line.length() <= 100), call.out());
        assertTrue(call.out().contains("q35-dmar") && call.out().contains("T translated"), call.out());
        CommandCall narrow = CommandCall.in(Map.of("COLUMNS", "60"), "quirks", "matrix");
        assertTrue(narrow.out().lines().count() > call.out().lines().count(), "one column of presets");
    }
}
