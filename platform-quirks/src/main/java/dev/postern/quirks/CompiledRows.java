package dev.postern.quirks;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The shipped rows as the build leaves them: lines of fields between tabs, the first of which says what a line is. A row begins
 * with {@code row}; {@code match}, {@code set}, {@code given} and {@code expect} lines belong to the row above them. It is read
 * in a fraction of the time that a TOML library takes to load.
 */
final class CompiledRows {

    /** The resource beside this class. */
    static final String RESOURCE = "shipped.rows";

    private CompiledRows() {}

    static String write(List<QuirkRow> rows) {
        StringBuilder text = new StringBuilder();
        for (QuirkRow row : rows) {
            line(
                    text,
                    "row",
                    row.id(),
                    row.where().file(),
                    Integer.toString(row.where().line()),
                    row.title(),
                    row.reason(),
                    row.source());
            for (Condition condition : row.match()) {
                List<String> fields =
                        new ArrayList<>(List.of("match", condition.fact().name()));
                fields.addAll(condition.alternatives());
                line(text, fields.toArray(String[]::new));
            }
            row.set().forEach((fact, value) -> line(text, "set", fact.name(), value));
            row.vector().given().forEach((fact, value) -> line(text, "given", fact.name(), value));
            row.vector().expect().forEach((what, value) -> line(text, "expect", what, value));
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String... fields) {
        text.append(String.join("\t", fields)).append('\n');
    }

    static List<QuirkRow> read(InputStream in) throws IOException {
        String[] lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n");
        List<QuirkRow> rows = new ArrayList<>();
        int i = 0;
        while (i < lines.length) {
            String[] head = lines[i].split("\t", -1);
            List<Condition> match = new ArrayList<>();
            Map<FactName, String> set = new LinkedHashMap<>();
            Map<FactName, String> given = new LinkedHashMap<>();
            Map<String, String> expect = new LinkedHashMap<>();
            for (i++; i < lines.length && !lines[i].startsWith("row\t"); i++) {
                String[] fields = lines[i].split("\t", -1);
                switch (fields[0]) {
                    case "match" ->
                        match.add(new Condition(
                                FactName.valueOf(fields[1]), List.of(fields).subList(2, fields.length)));
                    case "set" -> set.put(FactName.valueOf(fields[1]), fields[2]);
                    case "given" -> given.put(FactName.valueOf(fields[1]), fields[2]);
                    case "expect" -> expect.put(fields[1], fields[2]);
                    default -> throw new IOException("%s:%d: what is %s?".formatted(RESOURCE, i + 1, fields[0]));
                }
            }
            rows.add(new QuirkRow(
                    head[1],
                    head[4],
                    match,
                    set,
                    head[5],
                    head[6],
                    new TestVector(given, expect),
                    new Place(head[2], Integer.parseInt(head[3]))));
        }
        return rows;
    }
}
