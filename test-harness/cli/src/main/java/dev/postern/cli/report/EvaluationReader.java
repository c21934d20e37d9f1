package dev.postern.cli.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.postern.cli.WrongCallException;
import dev.postern.lab.evaluate.Awareness;
import dev.postern.lab.evaluate.Cell;
import dev.postern.lab.evaluate.CellChange;
import dev.postern.lab.evaluate.CellResult;
import dev.postern.lab.evaluate.DeviceTrait;
import dev.postern.lab.evaluate.OfferedFeatures;
import dev.postern.lab.evaluate.Shard;
import dev.postern.lab.evaluate.SweepReport;
import dev.postern.lab.evaluate.SweptTable;
import dev.postern.lab.evaluate.Verdict;
import dev.postern.quirks.decision.ReservedFeature;
import dev.postern.quirks.decision.Strictness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads the documents that {@link EvaluationDocument} makes of shards. */
public final class EvaluationReader {

    /** Far more than any sweep; what is larger is no document of ours. */
    private static final long MOST_BYTES = 64L << 20;

    private final Path file;
    private final String version;

    /**
     * A reader of one file.
     *
     * @param version of this program; documents of others are refused
     */
    public EvaluationReader(Path file, String version) {
        this.file = file;
        this.version = version;
    }

    /**
     * Reads it.
     *
     * @throws WrongCallException when it is no such document; one line with the remedy
     */
    public SweepReport read() {
        JsonNode root = tree();
        String schema = root.path("schema").asText("");
        if (!schema.equals(EvaluationDocument.SCHEMA)) {
            throw wrong("is no document of schema " + EvaluationDocument.SCHEMA);
        }
        String made = text(root, "version");
        if (!made.equals(version)) {
            throw wrong("was made by %s, and this is %s".formatted(made, version));
        }
        List<CellResult> cells = new ArrayList<>();
        Map<String, CellResult> byId = new HashMap<>();
        for (JsonNode node : array(root, "cells")) {
            CellResult result = cell(node);
            cells.add(result);
            byId.put(result.cell().id(), result);
        }
        List<CellChange> changes = new ArrayList<>();
        for (JsonNode node : array(root, "changes")) {
            CellResult with = byId.get(text(node, "id"));
            if (with == null) {
                throw wrong("has a change of a cell that it has not");
            }
            changes.add(new CellChange(with, outcome(object(node, "without"), with.cell(), with.seed())));
        }
        return new SweepReport(
                number(root, "seed"),
                shard(object(root, "shard")),
                (int) number(root, "total"),
                new SweptTable((int) number(object(root, "table"), "rows"), text(object(root, "table"), "checksum")),
                cells,
                strings(root, "without"),
                changes);
    }

    private JsonNode tree() {
        try {
            if (!Files.isRegularFile(file)) {
                throw wrong("is no file");
            }
            if (Files.size(file) > MOST_BYTES) {
                throw wrong("has more than %d MiB".formatted(MOST_BYTES >> 20));
            }
            return new ObjectMapper().readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw wrong("is no JSON (line %d, column %d)"
                    .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr()));
        } catch (IOException e) {
            throw wrong("cannot be read (%s)".formatted(e.getMessage()));
        }
    }

    private Shard shard(JsonNode node) {
        try {
            return new Shard((int) number(node, "index"), (int) number(node, "of"));
        } catch (IllegalArgumentException e) {
            throw wrong("has a " + e.getMessage());
        }
    }

    private CellResult cell(JsonNode node) {
        Set<ReservedFeature> features = EnumSet.noneOf(ReservedFeature.class);
        for (String name : strings(node, "features")) {
            features.add(Arrays.stream(ReservedFeature.values())
                    .filter(feature -> feature.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> wrong("has a cell with the feature '%s'".formatted(name))));
        }
        String trait = text(node, "trait");
        String strictness = text(node, "strictness");
        Cell cell = new Cell(
                text(node, "preset"),
                new OfferedFeatures(features),
                DeviceTrait.named(trait).orElseThrow(() -> wrong("has a cell with the trait '%s'".formatted(trait))),
                Arrays.stream(Strictness.values())
                        .filter(one -> Cell.word(one).equals(strictness))
                        .findFirst()
                        .orElseThrow(() -> wrong("has a cell with the strictness '%s'".formatted(strictness))));
        return outcome(node, cell, number(node, "seed"));
    }

    private CellResult outcome(JsonNode node, Cell cell, long seed) {
        String verdict = text(node, "verdict");
        JsonNode knowing = node.path("knowing");
        Optional<Awareness> awareness = knowing.isBoolean()
                ? Optional.of(knowing.asBoolean() ? Awareness.TOLD : Awareness.UNTOLD)
                : Optional.empty();
        try {
            return new CellResult(
                    cell,
                    seed,
                    text(node, "plan"),
                    Verdict.named(verdict)
                            .orElseThrow(() -> wrong("has a cell with the verdict '%s'".formatted(verdict))),
                    awareness,
                    strings(node, "evidence"),
                    strings(node, "rows"));
        } catch (IllegalArgumentException e) {
            throw wrong("contradicts itself: " + e.getMessage());
        }
    }

    private JsonNode object(JsonNode node, String name) {
        JsonNode value = node.path(name);
        if (!value.isObject()) {
            throw wrong("has no '%s', which every shard has".formatted(name));
        }
        return value;
    }

    private JsonNode array(JsonNode node, String name) {
        JsonNode value = node.path(name);
        if (!value.isArray()) {
            throw wrong("has no '%s', which every shard has".formatted(name));
        }
        return value;
    }

    private List<String> strings(JsonNode node, String name) {
        List<String> values = new ArrayList<>();
        for (JsonNode value : array(node, name)) {
            values.add(value.asText());
        }
        return values;
    }

    private String text(JsonNode node, String name) {
        JsonNode value = node.path(name);
        if (!value.isTextual()) {
            throw wrong("has no text '%s', which every shard has".formatted(name));
        }
        return value.asText();
    }

    private long number(JsonNode node, String name) {
        JsonNode value = node.path(name);
        if (!value.canConvertToLong() || !value.isIntegralNumber()) {
            throw wrong("has no number '%s', which every shard has".formatted(name));
        }
        return value.asLong();
    }

    private WrongCallException wrong(String what) {
        return new WrongCallException(
                "%s %s: give what postern quirks evaluate --shard I/N --json wrote".formatted(file, what));
    }
}
