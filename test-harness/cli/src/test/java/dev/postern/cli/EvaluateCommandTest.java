package dev.postern.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.postern.cli.report.EvaluationDocument;
import dev.postern.lab.evaluate.Shard;
import dev.postern.lab.evaluate.ShardMerge;
import dev.postern.lab.evaluate.Sweep;
import dev.postern.lab.evaluate.SweepProgress;
import dev.postern.lab.evaluate.SweepReport;
import dev.postern.quirks.QuirkTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvaluateCommandTest {

    /** A shard of two cells or three: enough to look at. */
    private static final String FEW = "7/200";

    private static final String VERSION = new PosternCommand.ModuleVersion().getVersion()[0];

    @TempDir
    Path folder;

    private static CommandCall evaluate(String... words) {
        List<String> all = new ArrayList<>(List.of("quirks", "evaluate"));
        all.addAll(List.of(words));
        return CommandCall.of(all.toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--seed x|no whole number",
                "--without sev-sno|did you mean 'sev-snp'? postern quirks list shows them",
                "--without nothing-like-it|no quirk row 'nothing-like-it': postern quirks list",
                "--cell sev-snp/va/ordinary/serv|did you mean 'sev-snp/va/ordinary/serve'?",
                "--cell vax|give PRESET/FEATURES/TRAIT/STRICTNESS",
                "--cell sev/va/ordinary/serve --shard 1/2|leave --shard and --threads out",
                "--shard 0/4|such as 2/4",
                "--shard 4|such as 2/4",
                "--shard 1/999999|no more shards than that",
                "--threads 0|from 1 to 256",
                "--threads many|from 1 to 256",
                "--merge none.json|none.json is no file",
                "--merge none.json --seed 1|takes seed, rows and cells from the documents",
                "--merge|--merge needs a value",
                "--shart 1/2|did you mean '--shard'?"
            })
    void aWrongCallEndsWithStatus2AndOneLineThatSaysWhatToDo(String line, String part) {
        CommandCall call = evaluate(line.split(" "));
        assertEquals(ExitStatus.WRONG_CALL, call.status(), call.err());
        assertEquals(1, call.errLines().size(), call.err());
        assertTrue(call.err().startsWith("postern: "), call.err());
        assertTrue(call.err().contains(part), call.err());
        assertEquals("", call.out());
    }

    @Test
    void aShardIsADocumentWhoseCellsSayEverything() throws IOException {
        CommandCall call = evaluate("--shard", FEW, "--json", "--seed", "3");
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        assertEquals("", call.err());
        JsonNode root = new ObjectMapper().readTree(call.out());
        assertEquals("postern.evaluate/1", root.get("schema").asText());
        assertEquals(3, root.get("seed").asLong());
        assertEquals(7, root.get("shard").get("index").asInt());
        assertEquals(200, root.get("shard").get("of").asInt());
        assertTrue(root.get("ok").asBoolean());
        assertFalse(root.get("cells").isEmpty());
        for (JsonNode cell : root.get("cells")) {
            for (String field : List.of("id", "preset", "trait", "strictness", "plan", "verdict")) {
                assertTrue(cell.get(field).isTextual(), field + " of " + cell);
            }
            assertTrue(cell.get("features").isArray(), cell.toString());
            assertTrue(cell.get("evidence").isArray(), cell.toString());
            assertTrue(cell.get("seed").isIntegralNumber(), cell.toString());
            assertTrue(cell.get("id").asText().startsWith(cell.get("preset").asText() + "/"), cell.toString());
        }
        assertEquals(
                call.out(),
                evaluate("--shard", FEW, "--json", "--seed", "3", "--threads", "1")
                        .out());
    }

    /** The whole here is a sweep of a few cells that is cut in three. */
    @Test
    void shardsPutTogetherAreTheWholeByteForByte() throws Exception {
        SweepReport few = new Sweep(
                        dev.postern.lab.evaluate.CellSpace.ofEmulated(), 5, QuirkTable.shipped(), Set.of("sev"), 2)
                .run(new Shard(50, 60), SweepProgress.NONE);
        SweepReport whole = new SweepReport(
                few.seed(), Shard.WHOLE, few.cells().size(), few.table(), few.cells(), few.without(), few.changes());
        int count = 3;
        List<String> files = new ArrayList<>(List.of("--json", "--merge"));
        List<SweepReport> shards = new ArrayList<>();
        for (int index = 1; index <= count; index++) {
            SweepReport shard = part(whole, new Shard(index, count));
            shards.add(shard);
            Path file = folder.resolve(index + ".json");
            Files.writeString(file, EvaluationDocument.of(shard, VERSION));
            files.add(2, file.toString());
        }
        assertEquals(whole, ShardMerge.of(shards));
        CommandCall call = evaluate(files.toArray(String[]::new));
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        assertEquals(EvaluationDocument.of(whole, VERSION) + System.lineSeparator(), call.out());
        files.removeLast();
        CommandCall incomplete = evaluate(files.toArray(String[]::new));
        assertEquals(ExitStatus.WRONG_CALL, incomplete.status());
        assertTrue(incomplete.err().contains("of 3 shards [1] is missing"), incomplete.err());
    }

    private static SweepReport part(SweepReport whole, Shard shard) {
        List<dev.postern.lab.evaluate.CellResult> cells = new ArrayList<>();
        for (int i = shard.index() - 1; i < whole.total(); i += shard.count()) {
            cells.add(whole.cells().get(i));
        }
        return new SweepReport(
                whole.seed(),
                shard,
                whole.total(),
                whole.table(),
                cells,
                whole.without(),
                whole.changes().stream()
                        .filter(change -> cells.contains(change.with()))
                        .toList());
    }

    @Test
    void aFileThatIsNoShardIsRefusedInOneLine() throws IOException {
        String good = evaluate("--shard", FEW, "--json").out();
        ObjectMapper mapper = new ObjectMapper();
        expectRefused("is no JSON (line 1", "{");
        expectRefused("is no document of schema postern.evaluate/1", "{\"schema\": \"postern.boot/1\"}");
        for (String field : List.of("seed", "shard", "total", "table", "cells", "without", "changes")) {
            ObjectNode root = (ObjectNode) mapper.readTree(good);
            root.remove(field);
            expectRefused("'" + field + "'", root.toString());
        }
        ObjectNode other = (ObjectNode) mapper.readTree(good);
        expectRefused("was made by postern 0", other.put("version", "postern 0").toString());
        ObjectNode verdict = (ObjectNode) mapper.readTree(good);
        ((ObjectNode) verdict.get("cells").get(0)).put("verdict", "shines");
        expectRefused("the verdict 'shines'", verdict.toString());
        ObjectNode knowing = (ObjectNode) mapper.readTree(good);
        ((ObjectNode) knowing.get("cells").get(0)).put("verdict", "unprotected").putNull("knowing");
        expectRefused("contradicts itself", knowing.toString());
    }

    private void expectRefused(String part, String document) throws IOException {
        Path file = folder.resolve("shard.json");
        Files.writeString(file, document);
        CommandCall call = evaluate("--merge", file.toString());
        assertEquals(ExitStatus.WRONG_CALL, call.status(), call.err());
        assertEquals(1, call.errLines().size(), call.err());
        assertTrue(call.err().contains(part), call.err());
        assertTrue(call.err().contains("shard.json"), call.err());
    }

    @Test
    void aCellAloneShowsItsStepsAndItsVerdict() {
        CommandCall call = evaluate("--cell", "pkvm/va/ordinary/serve");
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        assertTrue(call.out().contains(": done"), call.out());
        assertTrue(call.out().contains("rules, in order:"), call.out());
        assertTrue(call.out().lines().anyMatch(line -> line.matches("verdict +\\+ works")), call.out());
    }

    @Test
    void aCellWithoutItsRowFailsAndTheDocumentSaysWhy() throws IOException {
        CommandCall call = evaluate("--cell", "tdx/va/ordinary/serve", "--without", "tdx", "--json");
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        JsonNode root = new ObjectMapper().readTree(call.out());
        assertEquals("fails", root.get("cells").get(0).get("verdict").asText());
        assertEquals("tdx", root.get("without").get(0).asText());
        assertTrue(root.get("cells").get(0).get("evidence").get(0).asText().startsWith("fails: "), call.out());
        assertFalse(root.get("trace").isEmpty());
    }

    @Test
    void thePictureFitsTheTerminalAndHasALetterForEachCell() {
        for (int width : List.of(40, 80, 200)) {
            CommandCall call =
                    CommandCall.in(Map.of("COLUMNS", Integer.toString(width)), "quirks", "evaluate", "--shard", "1/20");
            assertEquals(ExitStatus.DONE, call.status(), call.err());
            List<String> lines = call.out().lines().toList();
            List<String> picture = lines.subList(
                    0,
                    lines.indexOf(lines.stream()
                            .filter(line -> line.startsWith("+ works"))
                            .findFirst()
                            .orElseThrow()));
            picture.stream()
                    .filter(line -> line.matches("[a-z0-9-]+ +[-+fuUCL ]+"))
                    .forEach(line -> assertTrue(line.length() <= width, width + " columns: " + line));
            long letters = picture.stream()
                    .filter(line -> line.matches("[a-z0-9-]+ {2,}[-+fuUCL ]+"))
                    .map(line -> line.substring(line.indexOf(' ')))
                    .flatMapToInt(String::chars)
                    .filter(letter -> letter != ' ')
                    .count();
            assertTrue(lines.getFirst().contains(letters + " of "), letters + " letters, " + lines.getFirst());
        }
    }

    @Test
    void aRowThatNoCellNeedsComesWithTheReason() {
        CommandCall call = evaluate("--shard", FEW, "--without", "octeon-big");
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        assertTrue(call.out().contains("octeon-big: 0 cells change"), call.out());
        assertTrue(call.out().contains("Octeon's PCI host"), call.out());
    }

    @Test
    void cellsThatGetWorseWithoutARowAreShownWithTheCommandThatRepeatsThem() {
        CommandCall call = evaluate("--shard", "49/60", "--without", "sev");
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        assertTrue(
                call.out().contains("postern quirks evaluate --cell sev/vao/ordinary/serve --seed 1 --without sev"),
                call.out());
        assertTrue(call.out().contains("works, Bounced over Direct -> fails, Direct"), call.out());
    }

    @Test
    void rowsOfTheUserCountAndThoseThatAreWrongAreSaid() throws IOException {
        Files.writeString(folder.resolve("local.toml"), "[[row]]\nid = \n");
        CommandCall call =
                CommandCall.in(Map.of("POSTERN_QUIRKS", folder.toString()), "quirks", "evaluate", "--shard", FEW);
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        assertTrue(call.err().contains("local.toml"), call.err());
    }

    @Test
    void theGroupSaysWhichCommandsThereAre() {
        CommandCall call = CommandCall.of("quirks");
        assertEquals(ExitStatus.WRONG_CALL, call.status());
        assertTrue(call.err().contains("list, show, lint, match, matrix or evaluate"), call.err());
    }
}
