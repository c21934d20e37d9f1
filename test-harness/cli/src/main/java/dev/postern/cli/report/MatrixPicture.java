package dev.postern.cli.report;

import dev.postern.cli.explain.Matrix;
import dev.postern.dma.DmaPlan;
import dev.postern.quirks.decision.Coherency;
import dev.postern.quirks.decision.Decision;
import dev.postern.quirks.decision.Outcome;
import dev.postern.quirks.decision.PlanKind;
import dev.postern.quirks.decision.ReservedFeature;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** A matrix as a picture: presets down, feature sets across, a letter for each answer. */
public final class MatrixPicture {

    private static final int GAP = 4;

    private MatrixPicture() {}

    /**
     * The picture with its legend.
     *
     * @param width columns; presets stand in as many columns as fit
     */
    public static List<String> lines(Matrix matrix, Palette palette, int width) {
        Map<String, List<Matrix.Cell>> rows = matrix.cells().stream()
                .collect(Collectors.groupingBy(Matrix.Cell::preset, LinkedHashMap::new, Collectors.toList()));
        int name = rows.keySet().stream().mapToInt(String::length).max().orElse(0);
        int block = name
                + Matrix.featureSets().stream()
                        .mapToInt(MatrixPicture::cellWidth)
                        .sum();
        int columns = Math.max(1, (width + GAP) / (block + GAP));
        List<String> presets = List.copyOf(rows.keySet());
        int height = (presets.size() + columns - 1) / columns;
        List<String> lines = new ArrayList<>();
        lines.add((header(name, palette) + " ".repeat(GAP)).repeat(columns).stripTrailing());
        for (int i = 0; i < height; i++) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < columns && i + column * height < presets.size(); column++) {
                String preset = presets.get(i + column * height);
                line.append(column == 0 ? "" : " ".repeat(GAP));
                line.append(preset).append(" ".repeat(name - preset.length()));
                rows.get(preset).forEach(cell -> line.append(letter(cell, palette)));
            }
            lines.add(line.toString());
        }
        lines.add("");
        lines.addAll(legend(palette));
        return lines;
    }

    private static String header(int name, Palette palette) {
        StringBuilder line = new StringBuilder(" ".repeat(name));
        for (Set<ReservedFeature> features : Matrix.featureSets()) {
            line.append(' ').append(initials(features));
        }
        return palette.label(line.toString());
    }

    private static int cellWidth(Set<ReservedFeature> features) {
        return 1 + initials(features).length();
    }

    private static String initials(Set<ReservedFeature> features) {
        return features.isEmpty()
                ? "-"
                : features.stream()
                        .map(feature -> feature.name().substring(0, 1))
                        .collect(Collectors.joining());
    }

    /** Right-aligned; colour does not count as width. */
    private static String letter(Matrix.Cell cell, Palette palette) {
        String indent = " ".repeat(cellWidth(cell.features()) - 1);
        if (cell.decision().isEmpty()) {
            return indent + palette.faint("·");
        }
        Decision decision = cell.decision().get();
        String letter = letter(decision.outcome());
        boolean nonCoherent = decision.coherency() == Coherency.NON_COHERENT;
        String text = nonCoherent ? letter.toLowerCase(Locale.ROOT) : letter;
        return indent + coloured(decision.outcome(), text, palette);
    }

    private static String letter(Outcome outcome) {
        return switch (PlanKind.of(outcome)) {
            case DIRECT -> outcome.equals(new Outcome.Proceed(new DmaPlan.Direct(0))) ? "D" : "O";
            case BOUNCED -> "B";
            case TRANSLATED -> "T";
            case GRANTED -> "G";
            case PAGE_TRANSLATED -> "P";
            case REFUSED -> "x";
            case DEFERRED -> "?";
        };
    }

    private static String coloured(Outcome outcome, String letter, Palette palette) {
        return switch (PlanKind.of(outcome)) {
            case DIRECT -> letter;
            case BOUNCED -> palette.caution(letter);
            case TRANSLATED, GRANTED, PAGE_TRANSLATED -> palette.good(letter);
            case REFUSED, DEFERRED -> palette.bad(letter);
        };
    }

    private static List<String> legend(Palette palette) {
        return List.of(
                "offered: - nothing, V VERSION_1, A ACCESS_PLATFORM, O ORDER_PLATFORM",
                "D direct   O direct at an offset   %s bounced   %s translated   %s Xen grants   %s page by page"
                        .formatted(palette.caution("B"), palette.good("T"), palette.good("G"), palette.good("P")),
                "%s refused   %s deferred   %s no such device   small letters: syncs are real"
                        .formatted(palette.bad("x"), palette.bad("?"), palette.faint("·")));
    }
}
