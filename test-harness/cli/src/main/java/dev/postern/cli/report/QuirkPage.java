package dev.postern.cli.report;

import dev.postern.quirks.Condition;
import dev.postern.quirks.QuirkRow;
import dev.postern.quirks.QuirkTable;
import dev.postern.quirks.decision.Rule;
import dev.postern.quirks.decision.VectorRun;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Everything about one row or rule, for a person. */
public final class QuirkPage {

    private final LabelledLines lines;
    private final Palette palette;

    /**
     * A page.
     *
     * @param out where it goes
     * @param palette how it looks
     */
    public QuirkPage(PrintStream out, Palette palette) {
        this.lines = new LabelledLines(out, palette);
        this.palette = palette;
    }

    /** Prints a row, and runs its vector on a table that has it. */
    public void print(QuirkRow row, QuirkTable table) {
        lines.line("row", "%s  %s".formatted(row.id(), palette.faint(row.where().toString())));
        lines.words("", row.title());
        listed("match", row.match().stream().map(Condition::toString).toList());
        listed(
                "set",
                row.set().entrySet().stream()
                        .map(entry -> "%s = %s".formatted(entry.getKey(), entry.getValue()))
                        .toList());
        lines.words("reason", row.reason());
        lines.words("source", row.source());
        vector(VectorRun.of(row, table), "the row");
    }

    /** Prints a rule, and runs its vector. */
    public void print(Rule rule, QuirkTable table) {
        lines.line(
                "rule", "%s  %s".formatted(rule.id(), palette.faint(rule.where().toString())));
        lines.words("", rule.title());
        lines.words(
                "ladder",
                "%s; the first rule that settles it wins"
                        .formatted(rule.ladder().name().toLowerCase(Locale.ROOT)));
        lines.words("source", rule.source());
        lines.words("peers", rule.peers());
        VectorRun.of(rule, table).ifPresent(run -> vector(run, "the rule"));
    }

    private void vector(VectorRun run, String what) {
        lines.words(
                "given",
                run.vector().given().isEmpty()
                        ? "nothing but an ordinary machine"
                        : run.vector().given().entrySet().stream()
                                .map(entry -> "%s = %s".formatted(entry.getKey(), entry.getValue()))
                                .collect(Collectors.joining(", ")));
        lines.words("expected", words(run.vector().expect()));
        boolean holds = run.with().equals(run.vector().expect());
        lines.words("with", words(run.with()) + "  " + (holds ? palette.good("as expected") : palette.bad("not so")));
        lines.words(
                "without",
                words(run.without()) + "  "
                        + (run.tells() ? palette.good("so %s matters".formatted(what)) : palette.bad("no difference")));
    }

    private static String words(Map<String, String> answer) {
        return answer.entrySet().stream()
                .map(entry ->
                        "%s = %s".formatted(entry.getKey(), entry.getValue().isEmpty() ? "nothing" : entry.getValue()))
                .collect(Collectors.joining(", "));
    }

    private void listed(String label, List<String> texts) {
        for (int i = 0; i < texts.size(); i++) {
            lines.words(i == 0 ? label : "", texts.get(i));
        }
    }
}
