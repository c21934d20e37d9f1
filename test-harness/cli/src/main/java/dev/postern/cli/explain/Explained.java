package dev.postern.cli.explain;

import dev.postern.cli.WrongCallException;
import dev.postern.facts.Fact;
import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import dev.postern.quirks.QuirkTable;
import dev.postern.quirks.decision.Decision;
import dev.postern.quirks.decision.PlanKind;
import dev.postern.quirks.decision.Question;
import dev.postern.quirks.decision.ReservedFeature;
import dev.postern.quirks.decision.WhyNot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An answer with all that belongs to it.
 *
 * @param situation what was asked
 * @param decision the answer
 * @param flipped the answers for devices that offer one feature more or less
 * @param whyNot why another plan did not come out, if that was asked
 */
public record Explained(
        Situation situation, Decision decision, Map<ReservedFeature, Decision> flipped, Optional<WhyNot> whyNot) {

    /** Copies the map, in order. */
    public Explained {
        flipped = new LinkedHashMap<>(flipped);
    }

    /**
     * Works it out.
     *
     * @param wanted the plan that is asked about
     * @throws WrongCallException when a fact cannot be read
     */
    public static Explained of(Situation situation, Optional<PlanKind> wanted) {
        Question question = situation.question();
        QuirkTable quirks = situation.quirks();
        try {
            Map<ReservedFeature, Decision> flipped = new LinkedHashMap<>();
            for (ReservedFeature feature : ReservedFeature.values()) {
                question.flipped(feature).ifPresent(other -> flipped.put(feature, other.decide(quirks)));
            }
            return new Explained(
                    situation, question.decide(quirks), flipped, wanted.map(kind -> WhyNot.of(question, quirks, kind)));
        } catch (IllegalArgumentException e) {
            throw new WrongCallException(e.getMessage());
        }
    }

    /** What the user should know of what was filled in, in one line each. */
    public List<String> notes() {
        List<String> notes = new ArrayList<>();
        FactSheet asked = situation.question().facts();
        Fact<String> accessPlatform = asked.fact(FactName.ACCESS_PLATFORM);
        boolean secure = decision.explanation().platform().more().is(FactName.REACH, "shared-pages-only");
        if (secure && accessPlatform.source().equals(OfferedFeatures.BY_DEFAULT)) {
            notes.add("virtual machine monitors force ACCESS_PLATFORM on such guests (QEMU hw/core/machine.c): ask for"
                    + " that with features=+access_platform");
        }
        if (asked.is(FactName.TRANSPORT, "transitional-pci")
                && accessPlatform.value().equals("offered")) {
            notes.add("QEMU gives no transitional device ACCESS_PLATFORM (hw/virtio/virtio-pci.c)");
        }
        situation.without().forEach(id -> notes.add("row %s was left out by --without".formatted(id)));
        return notes;
    }
}
