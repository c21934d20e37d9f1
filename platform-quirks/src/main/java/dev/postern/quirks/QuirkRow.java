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
        Condition failed = failedOn(facts);
        if (failed != null) {
            return new RowTrial(this, Optional.of(new Mismatch(failed, facts.fact(failed.fact()))), List.of());
        }
        List<Effect> effects = new ArrayList<>(set.size());
        for (Map.Entry<FactName, String> entry : set.entrySet()) {
            FactName fact = entry.getKey();
            String after = fact.domain() instanceof Domain.Number
                    ? plain(fact, Comparison.valueOf(entry.getValue(), facts))
                    : entry.getValue();
            if (!facts.value(fact).equals(after)) {
                effects.add(new Effect(fact, facts.fact(fact), Fact.of(after, "row " + this)));
            }
        }
        return new RowTrial(this, Optional.empty(), effects);
    }

    /** The first condition that does not hold, or null when the row matches. */
    private Condition failedOn(FactSheet facts) {
        for (Condition condition : match) {
            if (!condition.holds(facts)) {
                return condition;
            }
        }
        return null;
    }

    /** The facts as the row corrects them: what {@link #tryOn} comes to, for those who need no reasons. */
    FactSheet corrected(FactSheet facts) {
        return failedOn(facts) == null ? tryOn(facts).appliedTo(facts) : facts;
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
