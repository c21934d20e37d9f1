package dev.postern.quirks;

/**
 * Two facts that no machine has together.
 *
 * @param one the fact that rules the other out
 * @param other the fact that is ruled out
 * @param message both with their provenance, why, and what to do, in one line
 */
public record Contradiction(FactName one, FactName other, String message) {

    @Override
    public String toString() {
        return message;
    }
}
