package dev.postern.cli.report;

import dev.postern.cli.explain.Situation;
import dev.postern.quirks.Corrected;
import dev.postern.quirks.Effect;
import dev.postern.quirks.FactName;
import dev.postern.quirks.RowTrial;
import java.io.PrintStream;
import java.util.List;
import java.util.stream.Collectors;

/** Tells a person which rows match, in order, and what they set. */
public final class MatchLog {

    private final LabelledLines lines;
    private final Palette palette;

    /**
     * A report.
     *
     * @param out where it goes
     * @param palette how it looks
     */
    public MatchLog(PrintStream out, Palette palette) {
        this.lines = new LabelledLines(out, palette);
        this.palette = palette;
    }

    /** Prints the rows that match. */
    public void print(Situation situation, Corrected corrected) {
        List<RowTrial> matched =
                corrected.trials().stream().filter(RowTrial::matched).toList();
        lines.words(
                "match",
                "%d of %d rows match %s on %s"
                        .formatted(
                                matched.size(),
                                corrected.trials().size(),
                                situation.question().device(),
                                situation.question().facts().value(FactName.PRESET)));
        for (RowTrial trial : matched) {
            lines.words(
                    "row",
                    "%s  %s  [%s]"
                            .formatted(
                                    trial.row().id(),
                                    trial.row().title(),
                                    trial.row().where()));
            lines.words(
                    "",
                    trial.effects().isEmpty()
                            ? palette.faint("sets nothing that was not so")
                            : "sets "
                                    + trial.effects().stream()
                                            .map(Effect::toString)
                                            .collect(Collectors.joining(", ")));
        }
    }
}
