package dev.postern.quirks;

import dev.postern.facts.Fact;

/**
 * Why a row did not match.
 *
 * @param wanted the condition that did not hold
 * @param met what is known of the fact that it is about
 */
public record Mismatch(Condition wanted, Fact<String> met) {

    /** Both in one line. */
    @Override
    public String toString() {
        return wanted + " wanted; " + FactSheet.describe(wanted.fact(), met);
    }
}
