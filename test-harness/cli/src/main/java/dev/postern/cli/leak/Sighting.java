package dev.postern.cli.leak;

/**
 * A canary where the device side has it.
 *
 * @param canary which
 * @param place where, in words
 */
public record Sighting(Canary canary, String place) {

    @Override
    public String toString() {
        return "%s %s".formatted(canary, place);
    }
}
