package dev.postern.quirks.decision;

import dev.postern.quirks.FactName;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Facts that would have to be other than they are, all of them.
 *
 * @param facts what they would have to be, in the order of their names
 */
public record FactChange(Map<FactName, String> facts) {

    /** Takes an immutable copy. */
    public FactChange {
        facts = Collections.unmodifiableMap(facts.isEmpty() ? Map.of() : new EnumMap<>(facts));
    }

    /** This change and another. */
    FactChange and(FactChange other) {
        Map<FactName, String> both = new EnumMap<>(FactName.class);
        both.putAll(facts);
        both.putAll(other.facts);
        return new FactChange(both);
    }

    /** Whether both say something of one fact. */
    boolean overlaps(FactChange other) {
        return facts.keySet().stream().anyMatch(other.facts::containsKey);
    }

    @Override
    public String toString() {
        return facts.entrySet().stream()
                .map(fact -> "%s = %s".formatted(fact.getKey(), fact.getValue().isEmpty() ? "none" : fact.getValue()))
                .collect(Collectors.joining(", "));
    }
}
