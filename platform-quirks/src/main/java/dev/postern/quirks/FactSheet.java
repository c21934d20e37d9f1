package dev.postern.quirks;

import dev.postern.facts.Fact;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/** Everything that is known about a device and what surrounds it, by name and with provenance. Immutable. */
public final class FactSheet {

    /** Nothing is known: every fact has its usual value. */
    public static final FactSheet EMPTY = new FactSheet(new EnumMap<>(FactName.class));

    private final Map<FactName, Fact<String>> known;

    private FactSheet(Map<FactName, Fact<String>> known) {
        this.known = Collections.unmodifiableMap(known);
    }

    /** The same sheet with one more fact, or with another word on it. */
    public FactSheet with(FactName name, Fact<String> fact) {
        if (!name.domain().has(fact.value())) {
            throw new IllegalArgumentException("%s is \"%s\": give %s"
                    .formatted(name, fact.value(), name.domain().describe()));
        }
        Map<FactName, Fact<String>> more = copy();
        more.put(name, fact);
        return new FactSheet(more);
    }

    /** The same sheet with all that another one knows, which has the last word. */
    public FactSheet with(FactSheet other) {
        Map<FactName, Fact<String>> more = copy();
        more.putAll(other.known);
        return new FactSheet(more);
    }

    private Map<FactName, Fact<String>> copy() {
        Map<FactName, Fact<String>> copy = new EnumMap<>(FactName.class);
        copy.putAll(known);
        return copy;
    }

    /** The facts that are known, in the order of their names; an immutable map. */
    public Map<FactName, Fact<String>> known() {
        return known;
    }

    /** A fact: as known, or the usual value. */
    public Fact<String> fact(FactName name) {
        Fact<String> fact = known.get(name);
        return fact == null ? Fact.of(name.usual(), "usual") : fact;
    }

    /** The value of a fact. */
    public String value(FactName name) {
        Fact<String> fact = known.get(name);
        return fact == null ? name.usual() : fact.value();
    }

    /** Whether a fact has a value. */
    public boolean is(FactName name, String value) {
        if (!name.domain().has(value)) {
            throw new IllegalArgumentException("%s cannot be \"%s\": it is %s"
                    .formatted(name, value, name.domain().describe()));
        }
        return value(name).equals(value);
    }

    /** The value of a fact that is a number; compare without a sign. */
    public long number(FactName name) {
        return Domain.Number.parse(value(name));
    }

    /** A fact by name and value with its provenance, for evidence. */
    public String describe(FactName name) {
        Fact<String> fact = fact(name);
        return "%s = %s (%s)".formatted(name, fact.value().isEmpty() ? "none" : fact.value(), fact.source());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FactSheet sheet && known.equals(sheet.known);
    }

    @Override
    public int hashCode() {
        return known.hashCode();
    }

    @Override
    public String toString() {
        return known.toString();
    }
}
