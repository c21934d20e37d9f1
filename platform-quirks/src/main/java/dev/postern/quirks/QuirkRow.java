package dev.postern.quirks;

import dev.postern.facts.Fact;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * One quirk: where it applies, and which facts it sets there.
 *
 * @param id a short name that does not change
 * @param title what it is about, in one line
 * @param match conditions that must all hold
 * @param set facts and their values; for a number it may be the word of another number, whose value is taken over
 * @param reason why, in one line
 * @param source where that can be checked
 * @param vector facts for which it matters
 * @param where the place of the row in its file
 */
public record QuirkRow(
        String id,
        String title,
        List<Condition> match,
        Map<FactName, String> set,
        String reason,
        String source,
        TestVector vector,
        Place where) {

    /** No part may be missing; takes immutable copies that keep the order. */
    public QuirkRow {
        Objects.requireNonNull(id);
        Objects.requireNonNull(title);
        match = List.copyOf(match);
        set = Collections.unmodifiableMap(new LinkedHashMap<>(set));
        Objects.requireNonNull(reason);
        Objects.requireNonNull(source);
        Objects.requireNonNull(vector);
        Objects.requireNonNull(where);
    }

    /** Tries the row on facts. */
    public RowTrial tryOn(FactSheet facts) {
        List<Condition> failed = match.stream().filter(c -> !c.holds(facts)).toList();
        if (!failed.isEmpty()) {
            Condition first = failed.getFirst();
            return new RowTrial(this, Optional.of(first + " wanted; " + facts.describe(first.fact())), List.of());
        }
        List<Effect> effects = new ArrayList<>();
        set.forEach((fact, value) -> {
            String after =
                    fact.domain() instanceof Domain.Number ? plain(fact, Comparison.valueOf(value, facts)) : value;
            if (!facts.value(fact).equals(after)) {
                effects.add(new Effect(fact, facts.fact(fact), Fact.of(after, "row " + this)));
            }
        });
        return new RowTrial(this, Optional.empty(), effects);
    }

    /** Addresses in hexadecimal, the rest in decimal. */
    private static String plain(FactName fact, long value) {
        return fact == FactName.OFFSET ? "0x" + Long.toHexString(value) : Long.toUnsignedString(value);
    }

    /** Its id and place, such as {@code sev-snp at 10-secure.toml:12}. */
    @Override
    public String toString() {
        return id + " at " + where;
    }
}
