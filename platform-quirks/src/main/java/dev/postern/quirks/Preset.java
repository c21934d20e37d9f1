package dev.postern.quirks;

import dev.postern.facts.Fact;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A platform that can be asked for by name.
 *
 * @param name one word
 * @param title what it is, in one line
 * @param aliases other words for it
 * @param stated the facts that it sets; what follows from them is for quirk rows
 */
public record Preset(String name, String title, List<String> aliases, Map<FactName, String> stated) {

    /** Takes immutable copies that keep the order. */
    public Preset {
        Objects.requireNonNull(name);
        Objects.requireNonNull(title);
        aliases = List.copyOf(aliases);
        stated = Collections.unmodifiableMap(new LinkedHashMap<>(stated));
    }

    /** The facts with the preset as their provenance, and the few that each preset has unless it says otherwise. */
    public FactSheet facts() {
        String source = "preset " + name;
        FactSheet sheet = FactSheet.EMPTY
                .with(FactName.PRESET, Fact.of(name, source))
                .with(FactName.IOMMU_STATE, Fact.of("none", source + ": no IOMMU"))
                .with(FactName.REACH, Fact.of("all-of-ram", source))
                .with(
                        FactName.FENCES,
                        Fact.of(
                                "cpus-and-devices",
                                source + ": every device is software on this host, whose CPUs the fences reach"));
        for (Map.Entry<FactName, String> fact : stated.entrySet()) {
            sheet = sheet.with(fact.getKey(), Fact.of(fact.getValue(), source));
        }
        return sheet;
    }

    @Override
    public String toString() {
        return name;
    }
}
