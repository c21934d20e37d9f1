package dev.postern.cli.explain;

import dev.postern.cli.WrongCallException;
import dev.postern.facts.Fact;
import dev.postern.quirks.QuirkTable;
import dev.postern.quirks.decision.Decision;
import dev.postern.quirks.decision.Question;
import dev.postern.quirks.decision.ReservedFeature;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * One device on every preset with every set of offered features.
 *
 * @param cells presets in order, and for each the sets of {@link #featureSets()} in order
 */
public record Matrix(List<Cell> cells) {

    /**
     * One answer.
     *
     * @param preset its name
     * @param features that are offered
     * @param decision empty where no device can be so, such as a legacy one that offers VERSION_1
     */
    public record Cell(String preset, Set<ReservedFeature> features, Optional<Decision> decision) {

        /** Takes an immutable copy of the set, in order. */
        public Cell {
            features = Collections.unmodifiableSet(
                    features.isEmpty() ? EnumSet.noneOf(ReservedFeature.class) : EnumSet.copyOf(features));
        }
    }

    /** Copies the list. */
    public Matrix {
        cells = List.copyOf(cells);
    }

    /** Every set of reserved features, from none to all. */
    public static List<Set<ReservedFeature>> featureSets() {
        List<Set<ReservedFeature>> sets = new ArrayList<>();
        for (int bits = 0; bits < 1 << ReservedFeature.values().length; bits++) {
            Set<ReservedFeature> set = EnumSet.noneOf(ReservedFeature.class);
            for (ReservedFeature feature : ReservedFeature.values()) {
                if ((bits >> feature.ordinal() & 1) != 0) {
                    set.add(feature);
                }
            }
            sets.add(set);
        }
        return sets;
    }

    /**
     * Decides every cell.
     *
     * @param presets by name
     * @param asked the question on a preset
     * @param quirks the rows that count
     * @throws WrongCallException when a fact cannot be read
     */
    public static Matrix of(List<String> presets, Function<String, Question> asked, QuirkTable quirks) {
        List<Cell> cells = new ArrayList<>();
        for (String preset : presets) {
            Question onPreset = asked.apply(preset);
            for (Set<ReservedFeature> features : featureSets()) {
                Question question = onPreset;
                for (ReservedFeature feature : ReservedFeature.values()) {
                    question = question.with(
                            feature.fact(), Fact.of(features.contains(feature) ? "offered" : "absent", "matrix"));
                }
                cells.add(new Cell(preset, features, decided(question, quirks)));
            }
        }
        return new Matrix(cells);
    }

    private static Optional<Decision> decided(Question question, QuirkTable quirks) {
        if (!question.contradictions().isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(question.decide(quirks));
        } catch (IllegalArgumentException e) {
            throw new WrongCallException(e.getMessage());
        }
    }
}
