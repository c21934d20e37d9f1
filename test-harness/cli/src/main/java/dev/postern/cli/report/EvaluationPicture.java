package dev.postern.cli.report;

import dev.postern.lab.evaluate.Cell;
import dev.postern.lab.evaluate.CellResult;
import dev.postern.lab.evaluate.DeviceTrait;
import dev.postern.lab.evaluate.OfferedFeatures;
import dev.postern.quirks.decision.ReservedFeature;
import dev.postern.quirks.decision.Strictness;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Cells as a picture: presets down, feature sets across in groups of one trait and strictness, as many groups as fit side by side. */
final class EvaluationPicture {

    private static final int GAP = 2;

    /** A group of columns. */
    private record Group(DeviceTrait trait, Strictness strictness) {}

    private final Palette palette;
    private final Map<Cell, CellResult> results = new HashMap<>();
    private final Set<String> presets = new LinkedHashSet<>();
    private final Set<OfferedFeatures> offers = new LinkedHashSet<>();
    private final Set<Group> groups = new LinkedHashSet<>();
    private final int labelWidth;

    EvaluationPicture(List<CellResult> cells, Palette palette) {
        this.palette = palette;
        Set<OfferedFeatures> present = new LinkedHashSet<>();
        for (CellResult result : cells) {
            Cell cell = result.cell();
            results.put(cell, result);
            presets.add(cell.preset());
            present.add(cell.offered());
            groups.add(new Group(cell.trait(), cell.strictness()));
        }
        // A shard may have begun anywhere.
        OfferedFeatures.subsets().stream().filter(present::contains).forEach(offers::add);
        int longest = presets.stream().mapToInt(String::length).max().orElse(0);
        labelWidth =
                GAP + Math.max(longest, ReservedFeature.ACCESS_PLATFORM.name().length());
    }

    /**
     * Draws it.
     *
     * @param width columns of the terminal; a group is never cut
     */
    void print(PrintStream out, int width) {
        int groupWidth = Math.max(offers.size(), "external".length()) + GAP;
        int inLine = Math.max(1, (width - labelWidth) / groupWidth);
        List<Group> all = new ArrayList<>(groups);
        for (int from = 0; from < all.size(); from += inLine) {
            out.println();
            printBlock(out, all.subList(from, Math.min(all.size(), from + inLine)), groupWidth);
        }
    }

    private void printBlock(PrintStream out, List<Group> block, int groupWidth) {
        StringBuilder traits = label("");
        StringBuilder strictness = label("");
        for (Group group : block) {
            traits.append(padded(group.trait().word(), groupWidth));
            strictness.append(padded(Cell.word(group.strictness()), groupWidth));
        }
        out.println(palette.label(traits.toString().stripTrailing()));
        out.println(palette.label(strictness.toString().stripTrailing()));
        for (ReservedFeature feature : ReservedFeature.values()) {
            StringBuilder line = label(feature.name());
            for (int i = 0; i < block.size(); i++) {
                StringBuilder marks = new StringBuilder();
                offers.forEach(offered -> marks.append(offered.has(feature) ? '|' : '.'));
                line.append(padded(marks.toString(), groupWidth));
            }
            out.println(palette.faint(line.toString().stripTrailing()));
        }
        for (String preset : presets) {
            StringBuilder line = label(preset);
            for (Group group : block) {
                for (OfferedFeatures offered : offers) {
                    CellResult result = results.get(new Cell(preset, offered, group.trait(), group.strictness()));
                    line.append(result == null ? " " : CellSymbol.of(result).in(palette));
                }
                line.append(" ".repeat(groupWidth - offers.size()));
            }
            out.println(line.toString().stripTrailing());
        }
    }

    private StringBuilder label(String text) {
        return new StringBuilder(padded(text, labelWidth));
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }
}
