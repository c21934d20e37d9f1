package dev.postern.cli.explain;

import dev.postern.quirks.QuirkTable;
import dev.postern.quirks.decision.Question;
import java.util.List;
import java.util.Objects;

/**
 * What a line asks about.
 *
 * @param question a device and all facts
 * @param quirks the rows that count: shipped and local ones, less those that were left out
 * @param without the ids of rows that were left out
 */
public record Situation(Question question, QuirkTable quirks, List<String> without) {

    /** Copies the list. */
    public Situation {
        Objects.requireNonNull(question);
        Objects.requireNonNull(quirks);
        without = List.copyOf(without);
    }
}
