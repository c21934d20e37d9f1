package dev.postern.quirks.decision;

import dev.postern.facts.Fact;
import dev.postern.quirks.Contradiction;
import dev.postern.quirks.Contradictions;
import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import dev.postern.quirks.QuirkTable;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A device and all that is known about it and its surroundings, on one sheet: what is asked of the decision when there is no
 * machine, only facts. Immutable.
 *
 * @param device what the device is called
 * @param facts everything that is known
 */
public record Question(String device, FactSheet facts) {

    /** No part may be missing. */
    public Question {
        Objects.requireNonNull(device);
        Objects.requireNonNull(facts);
    }

    /** The same question with another word on one fact. */
    public Question with(FactName fact, Fact<String> word) {
        return new Question(device, facts.with(fact, word));
    }

    /**
     * The same question of a device that offers a feature which this one does not, or the other way round; empty when no such device can
     * be.
     */
    public Optional<Question> flipped(ReservedFeature feature) {
        String word = facts.is(feature.fact(), "offered") ? "absent" : "offered";
        return Optional.of(with(feature.fact(), Fact.of(word, "what if")))
                .filter(other -> other.contradictions().isEmpty());
    }

    /** The facts that cannot be true together; empty when the question makes sense. */
    public List<Contradiction> contradictions() {
        return Contradictions.in(facts);
    }

    /**
     * Decides. A pure function, as {@link DmaDecision#decide(DeviceFacts, PlatformFacts, QuirkTable)} is.
     *
     * @throws IllegalArgumentException when a fact cannot be read
     */
    public Decision decide(QuirkTable quirks) {
        return decide(quirks, Rule.inOrder());
    }

    /** What the decision comes to. */
    Outcome outcome(QuirkTable quirks) {
        return DmaDecision.outcome(deviceFacts(), platformFacts(), quirks);
    }

    /** As above with some of the rules, to show what each is for. */
    Decision decide(QuirkTable quirks, List<Rule> rules) {
        return DmaDecision.decide(deviceFacts(), platformFacts(), quirks, rules);
    }

    private PlatformFacts platformFacts() {
        return new PlatformFacts(
                facts.fact(FactName.PRESET),
                Circumstances.translation(facts),
                Circumstances.reach(facts),
                Circumstances.fences(facts),
                strictness(),
                facts);
    }

    private DeviceFacts deviceFacts() {
        return new DeviceFacts(device, offered(), Circumstances.addressBits(facts), facts);
    }

    private Fact<Strictness> strictness() {
        Fact<String> fact = facts.fact(FactName.STRICTNESS);
        return Fact.of(fact.value().equals("refuse") ? Strictness.REFUSE : Strictness.SERVE, fact.source());
    }

    /** The three features as one fact, whose provenance is theirs. */
    private Fact<Set<ReservedFeature>> offered() {
        Set<ReservedFeature> offered = EnumSet.noneOf(ReservedFeature.class);
        for (ReservedFeature feature : ReservedFeature.values()) {
            if (facts.value(feature.fact()).equals("offered")) {
                offered.add(feature);
            }
        }
        List<String> sources = Stream.of(ReservedFeature.values())
                .map(feature -> facts.fact(feature.fact()).source())
                .distinct()
                .toList();
        return Fact.of(
                offered,
                sources.size() == 1
                        ? sources.getFirst()
                        : Stream.of(ReservedFeature.values())
                                .map(feature -> feature + ": "
                                        + facts.fact(feature.fact()).source())
                                .collect(Collectors.joining("; ")));
    }
}
