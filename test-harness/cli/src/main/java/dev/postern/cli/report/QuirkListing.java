package dev.postern.cli.report;

import dev.postern.quirks.QuirkRow;
import dev.postern.quirks.QuirkTable;
import dev.postern.quirks.decision.Rule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Rules and rows, a line each, under the file or the question that they belong to. */
public final class QuirkListing {

    private static final String GAP = "  ";

    private final Palette palette;
    private final int width;
    private final int idWidth;
    private final List<String> lines = new ArrayList<>();

    private QuirkListing(Palette palette, int width, int idWidth) {
        this.palette = palette;
        this.width = width;
        this.idWidth = idWidth;
    }

    /**
     * The listing.
     *
     * @param width columns; longer lines are cut
     */
    public static List<String> of(QuirkTable table, Palette palette, int width) {
        int longest =
                table.rows().stream().mapToInt(row -> row.id().length()).max().orElse(0);
        QuirkListing listing = new QuirkListing(palette, width, longest);
        listing.rows(table);
        listing.rules();
        return listing.lines;
    }

    private void rows(QuirkTable table) {
        Map<String, List<QuirkRow>> byFile = new LinkedHashMap<>();
        for (QuirkRow row : table.rows()) {
            byFile.computeIfAbsent(row.where().file(), _ -> new ArrayList<>()).add(row);
        }
        byFile.forEach((file, rows) -> {
            header("%s  %d row%s".formatted(file, rows.size(), rows.size() == 1 ? "" : "s"));
            rows.forEach(row -> line(row.id(), Integer.toString(row.where().line()), row.title()));
        });
    }

    private void rules() {
        Map<Rule.Ladder, List<Rule>> byLadder = new LinkedHashMap<>();
        Rule.inOrder()
                .forEach(rule -> byLadder.computeIfAbsent(rule.ladder(), _ -> new ArrayList<>())
                        .add(rule));
        byLadder.forEach((ladder, rules) -> {
            header("rules of %s  %d, in this order".formatted(ladder.name().toLowerCase(Locale.ROOT), rules.size()));
            rules.forEach(rule -> line(
                    rule.id(),
                    Integer.toString(rule.where().line()),
                    rule.title() + "  " + rule.where().file()));
        });
    }

    private void header(String text) {
        if (!lines.isEmpty()) {
            lines.add("");
        }
        lines.add(palette.label(text));
    }

    private void line(String id, String line, String title) {
        int used = GAP.length() + idWidth + 1 + 4 + GAP.length();
        String shown =
                used + title.length() <= width || width - used < 2 ? title : title.substring(0, width - used - 1) + "…";
        lines.add(
                GAP + id + " ".repeat(idWidth - id.length() + 1) + palette.faint("%4s".formatted(line)) + GAP + shown);
    }
}
