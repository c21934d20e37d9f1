package dev.postern.quirks;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the build read from the file of the rules' vectors: any number of {@code [[vector]]} tables, each with {@code rule} and the tables
 * {@code vector.given} and {@code vector.expect}.
 *
 * @param vectors those that are as they should be
 * @param complaints about the others
 */
record RuleVectorFile(List<RuleVector> vectors, List<Complaint> complaints) {

    private static final String ARRAY = "vector";

    /** Takes immutable copies. */
    RuleVectorFile {
        vectors = List.copyOf(vectors);
        complaints = List.copyOf(complaints);
    }

    /** Reads the bytes of a file; whatever is wrong is a complaint. */
    static RuleVectorFile read(String name, byte[] bytes) {
        return switch (TomlSource.read(name, bytes, ARRAY)) {
            case TomlSource.Unusable(Complaint complaint) -> new RuleVectorFile(List.of(), List.of(complaint));
            case TomlSource.Parsed parsed -> read(parsed);
        };
    }

    private static RuleVectorFile read(TomlSource.Parsed source) {
        List<RuleVector> vectors = new ArrayList<>();
        List<Complaint> complaints = new ArrayList<>();
        JsonNode array = source.root().path(ARRAY);
        for (int i = 0; i < array.size(); i++) {
            JsonNode table = array.get(i);
            Map<FactName, String> given = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> entry : table.path("given").properties()) {
                Optional<FactName> fact = FactName.named(entry.getKey());
                String value = entry.getValue().asText();
                if (fact.isPresent() && fact.get().domain().has(value)) {
                    given.put(fact.get(), value);
                } else {
                    complaints.add(source.places()
                            .key(i, "given", entry.getKey())
                            .says(source.name(), "%s = \"%s\" is no fact".formatted(entry.getKey(), value)));
                }
            }
            Map<String, String> expect = new LinkedHashMap<>();
            table.path("expect")
                    .properties()
                    .forEach(
                            entry -> expect.put(entry.getKey(), entry.getValue().asText()));
            vectors.add(new RuleVector(table.path("rule").asText(), new TestVector(given, expect)));
        }
        return new RuleVectorFile(vectors, complaints);
    }
}
