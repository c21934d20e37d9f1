package dev.postern.quirks;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The test vector of a rule of {@code dev.postern.quirks.decision}: rules are code, their vectors data like those of rows.
 *
 * @param rule the rule's id, such as {@code R1}
 * @param vector facts on which it matters
 */
public record RuleVector(String rule, TestVector vector) {

    /** No part may be missing. */
    public RuleVector {
        Objects.requireNonNull(rule);
        Objects.requireNonNull(vector);
    }

    /** The vectors that come with this module, in the order of their file. */
    public static List<RuleVector> shipped() {
        return Shipped.VECTORS;
    }

    /** The vector of a rule; empty when there is none. */
    public static Optional<RuleVector> of(String rule) {
        return shipped().stream().filter(one -> one.rule().equals(rule)).findFirst();
    }

    /** Read on first use only. */
    private static final class Shipped {

        static final List<RuleVector> VECTORS = List.copyOf(CompiledFacts.vectors());
    }
}
