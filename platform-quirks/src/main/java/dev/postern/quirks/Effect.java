package dev.postern.quirks;

import dev.postern.facts.Fact;

/**
 * One fact that a row changed.
 *
 * @param fact which
 * @param before what was known
 * @param after what the row says
 */
public record Effect(FactName fact, Fact<String> before, Fact<String> after) {

    @Override
    public String toString() {
        return fact + ": " + (before.value().isEmpty() ? "none" : before.value()) + " -> " + after.value();
    }
}
