package dev.postern.quirks;

import com.fasterxml.jackson.databind.JsonNode;
import dev.postern.facts.Fact;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the build read from the file of presets: any number of {@code [[preset]]} tables, each with {@code name}, {@code title}, perhaps
 * {@code aliases}, and facts under {@code [preset.facts]}.
 *
 * @param presets those that are as they should be
 * @param complaints about the others
 */
record PresetFile(List<Preset> presets, List<Complaint> complaints) {

    private static final String ARRAY = "preset";

    /** Takes immutable copies. */
    PresetFile {
        presets = List.copyOf(presets);
        complaints = List.copyOf(complaints);
    }

    /** Reads the bytes of a file; whatever is wrong is a complaint. */
    static PresetFile read(String name, byte[] bytes) {
        return switch (TomlSource.read(name, bytes, ARRAY)) {
            case TomlSource.Unusable(Complaint complaint) -> new PresetFile(List.of(), List.of(complaint));
            case TomlSource.Parsed parsed -> read(parsed);
        };
    }

    private static PresetFile read(TomlSource.Parsed source) {
        List<Preset> presets = new ArrayList<>();
        List<Complaint> complaints = new ArrayList<>();
        JsonNode array = source.root().path(ARRAY);
        for (int i = 0; i < array.size(); i++) {
            int before = complaints.size();
            Preset preset = preset(source, i, array.get(i), complaints);
            if (complaints.size() == before) {
                presets.add(preset);
            }
        }
        return new PresetFile(presets, complaints);
    }

    private static Preset preset(TomlSource.Parsed source, int index, JsonNode table, List<Complaint> complaints) {
        for (String key : List.of("name", "title", "facts")) {
            if (!table.has(key)) {
                complaints.add(source.places().row(index).says(source.name(), "the preset has no " + key));
            }
        }
        List<String> aliases = new ArrayList<>();
        table.path("aliases").forEach(alias -> aliases.add(alias.asText()));
        Map<FactName, String> facts = new LinkedHashMap<>();
        FactSheet sheet = FactSheet.EMPTY;
        for (Map.Entry<String, JsonNode> entry : table.path("facts").properties()) {
            TomlPlaces.Spot spot = source.places().key(index, "facts", entry.getKey());
            Optional<FactName> fact = FactName.named(entry.getKey());
            String value = entry.getValue().asText();
            if (fact.isEmpty() || !fact.get().domain().has(value)) {
                complaints.add(spot.says(source.name(), "%s = \"%s\" is no fact".formatted(entry.getKey(), value)));
            } else {
                facts.put(fact.get(), value);
                sheet = sheet.with(fact.get(), Fact.of(value, spot.line() + ""));
            }
        }
        Contradictions.in(sheet)
                .forEach(one -> complaints.add(source.places().row(index).says(source.name(), one.message())));
        return new Preset(table.path("name").asText(), table.path("title").asText(), aliases, facts);
    }
}
