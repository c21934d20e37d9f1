package dev.postern.quirks;

import com.fasterxml.jackson.databind.JsonNode;
import dev.postern.facts.Fact;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads a facts file: a machine as somebody recorded it, to be explained elsewhere.
 *
 * <p>It is TOML that begins with {@code schema = "postern.facts/1"}. The table {@code [platform]} holds facts about what surrounds
 * every device, and each {@code [[device]]} a {@code name} and facts about one; the words are those of {@link FactName}. With
 * {@code preset} the platform's facts start from those of a preset. Whatever is wrong, contradictory facts included, is a
 * complaint with its place; nothing is thrown.
 */
public final class FactFileReader {

    /** What the format is called; the number grows when a word changes its meaning. */
    public static final String SCHEMA = "postern.facts/1";

    private static final String ARRAY = "device";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:-]{0,63}");

    private final String file;
    private final JsonNode root;
    private final TomlPlaces places;
    private final List<Complaint> complaints = new ArrayList<>();

    private FactFileReader(TomlSource.Parsed source) {
        file = source.name();
        root = source.root();
        places = source.places();
    }

    /** Reads a file. */
    public static FactFile read(Path file) {
        return of(file.toString(), TomlSource.read(file, "facts", ARRAY));
    }

    /**
     * Reads the bytes of a file.
     *
     * @param name what messages call it
     */
    public static FactFile read(String name, byte[] bytes) {
        return of(name, TomlSource.read(name, bytes, ARRAY));
    }

    private static FactFile of(String name, TomlSource source) {
        return switch (source) {
            case TomlSource.Unusable(Complaint complaint) -> FactFile.unusable(name, complaint);
            case TomlSource.Parsed parsed -> new FactFileReader(parsed).whole();
        };
    }

    private FactFile whole() {
        String schema = root.path("schema").asText("");
        if (!schema.equals(SCHEMA)) {
            return FactFile.unusable(
                    file,
                    places.topLevel("schema")
                            .says(
                                    file,
                                    schema.isEmpty()
                                            ? "has no schema: begin it with schema = \"%s\"".formatted(SCHEMA)
                                            : "is of schema \"%s\", and this version reads \"%s\": record it anew"
                                                    .formatted(schema, SCHEMA)));
        }
        root.fieldNames().forEachRemaining(key -> {
            if (!key.equals("schema") && !key.equals("platform") && !key.equals(ARRAY)) {
                complaints.add(places.topLevel(key)
                        .says(
                                file,
                                "unknown key \"%s\": a facts file has schema, [platform] and [[device]]"
                                        .formatted(key)));
            }
        });
        FactSheet platform = platform();
        List<RecordedDevice> devices = devices(platform);
        return new FactFile(file, platform, devices, complaints);
    }

    private FactSheet platform() {
        JsonNode table = root.path("platform");
        if (!table.isObject() && !table.isMissingNode()) {
            complaints.add(places.topLevel("platform")
                    .says(file, "\"platform\" is no table: write [platform] above its facts"));
            return FactSheet.EMPTY;
        }
        FactSheet stated = FactSheet.EMPTY;
        for (Map.Entry<String, JsonNode> entry : table.properties()) {
            stated = withFact(stated, entry.getKey(), entry.getValue(), places.inTable("platform", entry.getKey()));
        }
        FactSheet platform = startedFrom(stated);
        Contradictions.in(platform)
                .forEach(one -> complaints.add(
                        places.inTable("platform", placed(one, table)).says(file, one.message())));
        return platform;
    }

    /** The key at which to complain: the fact that the table has; a preset may have brought the other. */
    private static String placed(Contradiction contradiction, JsonNode table) {
        return table.has(contradiction.other().word())
                ? contradiction.other().word()
                : contradiction.one().word();
    }

    private FactSheet startedFrom(FactSheet stated) {
        String preset = stated.value(FactName.PRESET);
        if (preset.isEmpty()) {
            return stated.with(FactName.PRESET, Fact.of(file, "facts file"));
        }
        Optional<Preset> start = PresetTable.shipped().named(preset);
        if (start.isEmpty()) {
            complaints.add(places.inTable("platform", FactName.PRESET.word())
                    .says(
                            file,
                            "no preset is called \"%s\": the nearest is %s"
                                    .formatted(preset, PresetTable.shipped().nearest(preset))));
            return stated;
        }
        return start.get().facts().with(stated);
    }

    private List<RecordedDevice> devices(FactSheet platform) {
        JsonNode array = root.path(ARRAY);
        if (!array.isArray() && !array.isMissingNode()) {
            complaints.add(
                    places.topLevel(ARRAY).says(file, "\"device\" is no array of tables: write [[device]] above each"));
            return List.of();
        }
        List<RecordedDevice> devices = new ArrayList<>();
        Map<String, TomlPlaces.Spot> names = new HashMap<>();
        for (int i = 0; i < array.size(); i++) {
            RecordedDevice device = device(i, array.get(i), platform);
            TomlPlaces.Spot spot = places.key(i, "", "name");
            TomlPlaces.Spot earlier = names.putIfAbsent(device.name(), spot);
            if (earlier != null && !device.name().isEmpty()) {
                complaints.add(spot.says(
                        file,
                        "the device of line %d is called \"%s\" too: rename one"
                                .formatted(earlier.line(), device.name())));
            }
            devices.add(device);
        }
        return devices;
    }

    private RecordedDevice device(int index, JsonNode table, FactSheet platform) {
        String name = table.path("name").asText("");
        if (!NAME.matcher(name).matches()) {
            complaints.add(places.key(index, "", "name")
                    .says(
                            file,
                            name.isEmpty()
                                    ? "the device has no name: give it one, such as name = \"blk0\""
                                    : "the name \"%s\" has more than letters, digits, '.', '_', ':' and '-', or is longer than 64: shorten it"
                                            .formatted(name.lines().findFirst().orElse(""))));
        }
        FactSheet facts = FactSheet.EMPTY;
        for (Map.Entry<String, JsonNode> entry : table.properties()) {
            TomlPlaces.Spot spot = places.key(index, "", entry.getKey());
            if (!entry.getKey().equals("name")) {
                facts = withFact(facts, entry.getKey(), entry.getValue(), spot);
                saidTwice(entry.getKey(), spot);
            }
        }
        List<Contradiction> ofPlatform = Contradictions.in(platform);
        for (Contradiction one : Contradictions.in(platform.with(facts))) {
            if (ofPlatform.stream().noneMatch(other -> other.one() == one.one() && other.other() == one.other())) {
                complaints.add(places.key(index, "", placed(one, table)).says(file, one.message()));
            }
        }
        return new RecordedDevice(name, facts, new Place(file, places.row(index).line()));
    }

    private void saidTwice(String word, TomlPlaces.Spot spot) {
        if (FactName.named(word).isPresent() && root.path("platform").has(word)) {
            complaints.add(spot.says(
                    file,
                    "%s is said of the platform in line %d and of the device here: say it once"
                            .formatted(word, places.inTable("platform", word).line())));
        }
    }

    private FactSheet withFact(FactSheet facts, String word, JsonNode value, TomlPlaces.Spot spot) {
        Optional<FactName> fact = FactName.named(word);
        if (fact.isEmpty()) {
            complaints.add(spot.says(
                    file, "unknown key \"%s\": the nearest fact is %s".formatted(word, FactName.nearest(word))));
            return facts;
        }
        if (!value.isValueNode() || !fact.get().domain().has(value.asText())) {
            complaints.add(spot.says(
                    file,
                    "%s is no value of %s: give %s"
                            .formatted(
                                    value.isValueNode() ? "\"" + firstLine(value.asText()) + "\"" : "a table or array",
                                    fact.get(),
                                    fact.get().domain().describe())));
            return facts;
        }
        return facts.with(fact.get(), Fact.of(value.asText(), file + ":" + spot.line()));
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }
}
