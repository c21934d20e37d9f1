package dev.postern.quirks;

import java.util.Optional;

/**
 * A number compared with a bound.
 *
 * @param kind how
 * @param bound digits, or the word of another fact
 */
record Comparison(Kind kind, String bound) {

    /** How the number stands to the bound. */
    enum Kind {
        EQUAL,
        AT_MOST,
        AT_LEAST
    }

    static Comparison of(String text) {
        if (text.startsWith("<=")) {
            return new Comparison(Kind.AT_MOST, text.substring(2).strip());
        }
        if (text.startsWith(">=")) {
            return new Comparison(Kind.AT_LEAST, text.substring(2).strip());
        }
        return new Comparison(Kind.EQUAL, text.strip());
    }

    boolean holds(long value, FactSheet facts) {
        int order = Long.compareUnsigned(value, valueOf(bound, facts));
        return switch (kind) {
            case EQUAL -> order == 0;
            case AT_MOST -> order <= 0;
            case AT_LEAST -> order >= 0;
        };
    }

    /** The number that digits, or another fact, stand for. */
    static long valueOf(String bound, FactSheet facts) {
        Optional<FactName> other = FactName.named(bound);
        return other.isPresent() ? facts.number(other.get()) : Domain.Number.parse(bound);
    }

    /** Whether digits in the domain, or a fact that is a number, stand where a number is wanted. */
    static boolean readable(String bound, Domain domain) {
        return FactName.named(bound)
                .map(other -> other.domain() instanceof Domain.Number)
                .orElseGet(() -> domain.has(bound));
    }
}
