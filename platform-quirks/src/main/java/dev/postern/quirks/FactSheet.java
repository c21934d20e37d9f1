package dev.postern.quirks;

import dev.postern.facts.Fact;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** Everything that is known about a device and what surrounds it, by name and with provenance. Immutable. */
public final class FactSheet {

    /** Nothing is known: every fact has its usual value. */
    public static final FactSheet EMPTY = new FactSheet(new EnumMap<>(FactName.class));

    private final EnumMap<FactName, Fact<String>> known;

    private FactSheet(EnumMap<FactName, Fact<String>> known) {
        this.known = known;
    }

    /** A sheet that begins with what this one knows. Several facts at once are cheaper so than one after the other. */
    public Builder toBuilder() {
        return new Builder(known.clone());
    }

    /** The same sheet with one more fact, or with another word on it. */
    public FactSheet with(FactName name, Fact<String> fact) {
        return toBuilder().with(name, fact).build();
    }

    /** The same sheet with all that another one knows, which has the last word. */
    public FactSheet with(FactSheet other) {
        if (other.known.isEmpty()) {
            return this;
        }
        return known.isEmpty() ? other : toBuilder().with(other).build();
    }

    /** The facts that are known, in the order of their names; an immutable map. */
    public Map<FactName, Fact<String>> known() {
        return Collections.unmodifiableMap(known);
    }

    /** A fact: as known, or the usual value. */
    public Fact<String> fact(FactName name) {
        Fact<String> fact = known.get(name);
        return fact == null ? name.unknown() : fact;
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
        return describe(name, fact(name));
    }

    static String describe(FactName name, Fact<String> fact) {
        return name + " = " + (fact.value().isEmpty() ? "none" : fact.value()) + " (" + fact.source() + ")";
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

    /** A sheet in the making. One thread uses it, once. */
    public static final class Builder {

        private EnumMap<FactName, Fact<String>> known;

        private Builder(EnumMap<FactName, Fact<String>> known) {
            this.known = known;
        }

        /**
         * One more fact, or another word on it.
         *
         * @throws IllegalArgumentException when the fact cannot have that value
         */
        public Builder with(FactName name, Fact<String> fact) {
            if (!name.domain().has(fact.value())) {
                throw new IllegalArgumentException("%s is \"%s\": give %s"
                        .formatted(name, fact.value(), name.domain().describe()));
            }
            known.put(name, fact);
            return this;
        }

        /** All that a sheet knows, which has the last word. */
        public Builder with(FactSheet other) {
            known.putAll(other.known);
            return this;
        }

        /**
         * The sheet.
         *
         * @throws NullPointerException when it was built before
         */
        public FactSheet build() {
            FactSheet sheet = new FactSheet(Objects.requireNonNull(known, "built before"));
            known = null;
            return sheet;
        }
    }
}
