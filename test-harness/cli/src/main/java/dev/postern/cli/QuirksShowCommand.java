package dev.postern.cli;

import dev.postern.cli.report.Palette;
import dev.postern.cli.report.QuirkPage;
import dev.postern.cli.report.QuirksDocument;
import dev.postern.cli.words.NameList;
import dev.postern.quirks.QuirkRow;
import dev.postern.quirks.QuirkTable;
import dev.postern.quirks.decision.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code postern quirks show}: everything about one row or rule, with its test vector run live. */
@Command(
        name = "show",
        description = "Shows everything about a row or rule, and runs its test vector with and without it.")
final class QuirksShowCommand implements Callable<Integer> {

    private final Streams streams;
    private final Map<String, String> environment;

    @Parameters(arity = "0..1", paramLabel = "ID", description = "A row such as pseries-svm, or a rule such as R1.")
    private String id;

    @Option(names = "--json", description = "One JSON document on standard output.")
    private boolean json;

    QuirksShowCommand(Streams streams, Map<String, String> environment) {
        this.streams = streams;
        this.environment = environment;
    }

    @Override
    public Integer call() {
        return new Answer(streams, QuirksDocument.SCHEMA, json ? Answer.Form.JSON : Answer.Form.TEXT).of(this::show);
    }

    private int show() {
        QuirkTable table = LocalRows.table(environment, streams);
        if (id == null) {
            throw new WrongCallException(
                    "no row or rule: write postern quirks show with an id; postern quirks list has them");
        }
        Optional<QuirkRow> row = table.row(id);
        Optional<Rule> rule = Rule.inOrder().stream()
                .filter(one -> one.id().equals(id.toUpperCase(Locale.ROOT)))
                .findFirst();
        if (row.isEmpty() && rule.isEmpty()) {
            throw unknown(table);
        }
        try {
            print(row, rule, table);
        } catch (IllegalArgumentException e) {
            // A row of the user's own may set what cannot be, which its vector brings to light.
            throw new WrongCallException(e.getMessage());
        }
        return ExitStatus.DONE;
    }

    private void print(Optional<QuirkRow> row, Optional<Rule> rule, QuirkTable table) {
        if (json) {
            streams.out()
                    .println(row.map(one -> QuirksDocument.of(one, table))
                            .orElseGet(() -> QuirksDocument.of(rule.orElseThrow(), table)));
            return;
        }
        QuirkPage page =
                new QuirkPage(streams.out(), streams.terminal().colourOutput() ? Palette.COLOUR : Palette.PLAIN);
        row.ifPresentOrElse(one -> page.print(one, table), () -> page.print(rule.orElseThrow(), table));
    }

    /** There are too many to list, so only the nearest is named. */
    private WrongCallException unknown(QuirkTable table) {
        List<String> ids =
                new ArrayList<>(table.rows().stream().map(QuirkRow::id).toList());
        Rule.inOrder().forEach(rule -> ids.add(rule.id()));
        String hint = NameList.of("row", ids)
                .nearest(id)
                .map("did you mean '%s'? "::formatted)
                .orElse("");
        return new WrongCallException("no row or rule '%s': %spostern quirks list has them".formatted(id, hint));
    }
}
