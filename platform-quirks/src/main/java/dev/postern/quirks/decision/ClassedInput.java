package dev.postern.quirks.decision;

import dev.postern.facts.Fact;
import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/**
 * One combination of classes of facts.
 *
 * @param label a word for each class, in the order of the classes, between blanks
 * @param given the facts that differ from those of an ordinary device on the plain platform
 */
public record ClassedInput(String label, Map<FactName, String> given) {

    private static final String SOURCE = "given";

    /** Takes an immutable copy, in the order of the facts. */
    public ClassedInput {
        Map<FactName, String> ordered = new EnumMap<>(FactName.class);
        ordered.putAll(given);
        given = Collections.unmodifiableMap(ordered);
    }

    /** Both at once; of a fact that both give, the other has the last word. */
    ClassedInput and(ClassedInput other) {
        Map<FactName, String> both = new EnumMap<>(FactName.class);
        both.putAll(given);
        both.putAll(other.given);
        return new ClassedInput((label + " " + other.label).strip(), both);
    }

    /**
     * What a decision is made on: the device {@code dev0}, which offers VERSION_1 unless said otherwise, on the plain platform.
     *
     * @throws IllegalArgumentException when a fact cannot have the value that is given
     */
    public Circumstances circumstances() {
        DeviceFacts device = new DeviceFacts(
                "dev0", Fact.of(Set.of(ReservedFeature.VERSION_1), "usual"), Fact.of(64, "usual"), FactSheet.EMPTY);
        FactSheet.Builder builder = FactSheet.EMPTY.toBuilder();
        given.forEach((fact, value) -> builder.with(fact, Fact.of(value, SOURCE)));
        FactSheet claims = builder.build();
        Circumstances asked = new Circumstances(device, Presets.plain()).with(claims);
        Strictness strictness = claims.is(FactName.STRICTNESS, "refuse") ? Strictness.REFUSE : Strictness.SERVE;
        return new Circumstances(asked.device(), asked.platform().withStrictness(Fact.of(strictness, SOURCE)));
    }
}
