package dev.postern.bench;

import dev.postern.facts.Fact;
import dev.postern.quirks.FactName;
import dev.postern.quirks.decision.Circumstances;
import dev.postern.quirks.decision.ClassedInput;
import dev.postern.quirks.decision.ClassedInputs;
import dev.postern.quirks.decision.DeviceFacts;
import dev.postern.quirks.decision.DmaDecision;
import dev.postern.quirks.decision.PlatformFacts;
import dev.postern.quirks.decision.Presets;
import dev.postern.quirks.decision.ReservedFeature;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** What is decided on. */
public enum DecideInput {
    /** A device that offers VERSION_1 alone on the plain preset. */
    PLAIN("plain device on plain"),
    /** A device in an outside port that offers every reserved feature, on the secure preset on which rows change most facts. */
    INTRICATE("all features on the most intricate secure preset"),
    /** All inputs of the golden table in turn, with a stride that has no common divisor with their number. */
    CLASSED("every classed input in turn");

    private static final String SOURCE = "bench";

    private final String words;

    DecideInput(String words) {
        this.words = words;
    }

    /** The input in words. */
    String words() {
        return words;
    }

    /** The circumstances that are decided on, one after the other. */
    List<Circumstances> circumstances() {
        return switch (this) {
            case PLAIN -> List.of(on("plain", Set.of(ReservedFeature.VERSION_1)));
            case INTRICATE -> List.of(on(mostIntricate(), Set.of(ReservedFeature.values())));
            case CLASSED ->
                ClassedInputs.all().stream().map(ClassedInput::circumstances).toList();
        };
    }

    /** The name of the secure preset on which rows change most facts of a device in an outside port; the first of equals. */
    static String mostIntricate() {
        return Presets.names().stream()
                .filter(name -> !Presets.named(name).more().is(FactName.PROTECTION, "none"))
                .max(Comparator.comparingLong(DecideInput::changes)
                        .thenComparing(Presets.names()::indexOf, Comparator.reverseOrder()))
                .orElseThrow();
    }

    private static long changes(String preset) {
        Circumstances on = on(preset, Set.of(ReservedFeature.values()));
        return DmaDecision.decide(on.device(), on.platform()).explanation().trials().stream()
                .mapToLong(trial -> trial.effects().size())
                .sum();
    }

    private static Circumstances on(String preset, Set<ReservedFeature> offered) {
        PlatformFacts platform = Presets.named(preset);
        return new Circumstances(
                new DeviceFacts("blk0", Fact.of(offered, SOURCE), Fact.of(64, SOURCE)),
                preset.equals("plain") ? platform : platform.with(FactName.PORT, Fact.of("external-facing", SOURCE)));
    }
}
