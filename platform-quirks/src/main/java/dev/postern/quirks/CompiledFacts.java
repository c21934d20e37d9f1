package dev.postern.quirks;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Presets and the vectors of rules as the build leaves them: lines of fields between tabs, as {@link CompiledRows} has them. A
 * {@code preset} line has name, title and aliases, and {@code fact} lines follow; a {@code rule} line has an id, and {@code given} and
 * {@code expect} lines follow.
 */
final class CompiledFacts {

    /** The resource of presets beside this class. */
    static final String PRESETS = "shipped.presets";

    /** The resource of vectors beside this class. */
    static final String VECTORS = "shipped.vectors";

    private CompiledFacts() {}

    static String writePresets(List<Preset> presets) {
        StringBuilder text = new StringBuilder();
        for (Preset preset : presets) {
            line(text, "preset", preset.name(), preset.title(), String.join(" ", preset.aliases()));
            preset.stated().forEach((fact, value) -> line(text, "fact", fact.name(), value));
        }
        return text.toString();
    }

    static String writeVectors(List<RuleVector> vectors) {
        StringBuilder text = new StringBuilder();
        for (RuleVector one : vectors) {
            line(text, "rule", one.rule());
            one.vector().given().forEach((fact, value) -> line(text, "given", fact.name(), value));
            one.vector().expect().forEach((what, value) -> line(text, "expect", what, value));
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String... fields) {
        text.append(String.join("\t", fields)).append('\n');
    }

    static List<Preset> presets() {
        List<String[]> lines = lines(PRESETS);
        List<Preset> presets = new ArrayList<>();
        int i = 0;
        while (i < lines.size()) {
            String[] head = lines.get(i);
            Map<FactName, String> facts = new LinkedHashMap<>();
            for (i++; i < lines.size() && lines.get(i)[0].equals("fact"); i++) {
                facts.put(FactName.valueOf(lines.get(i)[1]), lines.get(i)[2]);
            }
            presets.add(
                    new Preset(head[1], head[2], head[3].isEmpty() ? List.of() : List.of(head[3].split(" ")), facts));
        }
        return presets;
    }

    static List<RuleVector> vectors() {
        List<String[]> lines = lines(VECTORS);
        List<RuleVector> vectors = new ArrayList<>();
        int i = 0;
        while (i < lines.size()) {
            String rule = lines.get(i)[1];
            Map<FactName, String> given = new LinkedHashMap<>();
            Map<String, String> expect = new LinkedHashMap<>();
            for (i++; i < lines.size() && !lines.get(i)[0].equals("rule"); i++) {
                String[] fields = lines.get(i);
                if (fields[0].equals("given")) {
                    given.put(FactName.valueOf(fields[1]), fields[2]);
                } else {
                    expect.put(fields[1], fields[2]);
                }
            }
            vectors.add(new RuleVector(rule, new TestVector(given, expect)));
        }
        return vectors;
    }

    private static List<String[]> lines(String resource) {
        try (InputStream in = CompiledFacts.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is missing from this module: build it with mvn verify");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.split("\t", -1))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
