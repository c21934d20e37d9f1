package dev.postern.cli;

import dev.postern.cli.explain.FactClaim;
import dev.postern.cli.words.NameList;
import dev.postern.quirks.FactSheet;
import dev.postern.quirks.QuirkRow;
import dev.postern.quirks.QuirkTable;
import dev.postern.quirks.decision.Rule;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options by which a command changes what a decision rests on: facts that the user vouches for, and rows left out. */
final class FactOptions {

    @Option(names = "--fact", paramLabel = "NAME=VALUE", description = "One fact in place of what is known; repeat it.")
    private List<String> claims = List.of();

    @Option(
            names = "--without",
            paramLabel = "ROW",
            description = "Leaves a quirk row out, to see what it is for; repeat it.")
    private List<String> without = List.of();

    /** Made by the parser. */
    FactOptions() {}

    /**
     * What the user vouches for.
     *
     * @throws WrongCallException when a word is wrong
     */
    FactSheet claims() {
        FactSheet sheet = FactSheet.EMPTY;
        for (String claim : claims) {
            FactClaim read = FactClaim.parse(claim);
            sheet = sheet.with(read.name(), read.fact());
        }
        return sheet;
    }

    /**
     * The rows that count: shipped and local ones, less those that the line leaves out.
     *
     * @throws WrongCallException when there is no row of a name
     */
    QuirkTable quirks(Map<String, String> environment, Streams streams) {
        QuirkTable table = LocalRows.table(environment, streams);
        for (String id : without) {
            table = withoutRow(table, id);
        }
        return table;
    }

    /** The rows that the line leaves out. */
    List<String> without() {
        return without;
    }

    private static QuirkTable withoutRow(QuirkTable table, String id) {
        if (table.row(id).isPresent()) {
            return table.without(id);
        }
        if (Rule.inOrder().stream().anyMatch(rule -> rule.id().equals(id.toUpperCase(Locale.ROOT)))) {
            throw new WrongCallException(
                    "--without %s: that is a rule, and rules cannot be left out: name a row, see postern quirks list"
                            .formatted(id));
        }
        List<String> ids = table.rows().stream().map(QuirkRow::id).toList();
        String hint = NameList.of("row", ids)
                .nearest(id)
                .map("did you mean '%s'? "::formatted)
                .orElse("");
        throw new WrongCallException(
                "--without %s: no quirk row is called so: %ssee postern quirks list".formatted(id, hint));
    }
}
