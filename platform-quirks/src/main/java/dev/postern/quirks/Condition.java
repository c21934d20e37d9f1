package dev.postern.quirks;

import java.util.List;

/**
 * What a row asks of one fact: that it has one of several values.
 *
 * <p>An alternative for a word or text is the value itself. For a number it is {@code 32}, {@code <=32} or {@code >=33}, where another
 * fact that is a number may stand in place of the digits: {@code >=window-bits}.
 *
 * @param fact which fact
 * @param alternatives one at least
 */
public record Condition(FactName fact, List<String> alternatives) {

    /** Takes an immutable copy. */
    public Condition {
        alternatives = List.copyOf(alternatives);
        if (alternatives.isEmpty()) {
            throw new IllegalArgumentException("a condition on %s needs a value".formatted(fact));
        }
    }

    /** Whether the facts meet it. */
    public boolean holds(FactSheet facts) {
        if (fact.domain() instanceof Domain.Number) {
            long value = facts.number(fact);
            for (String alternative : alternatives) {
                if (Comparison.of(alternative).holds(value, facts)) {
                    return true;
                }
            }
            return false;
        }
        return alternatives.contains(facts.value(fact));
    }

    @Override
    public String toString() {
        return fact + " = " + String.join(" or ", alternatives);
    }
}
