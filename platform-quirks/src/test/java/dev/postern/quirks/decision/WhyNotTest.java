package dev.postern.quirks.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.facts.Fact;
import dev.postern.quirks.FactName;
import dev.postern.quirks.PresetTable;
import dev.postern.quirks.QuirkTable;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class WhyNotTest {

    private static Question on(String preset, String accessPlatform) {
        return new Question(
                        "blk0",
                        PresetTable.shipped().named(preset).orElseThrow().facts())
                .with(FactName.ACCESS_PLATFORM, Fact.of(accessPlatform, "test"));
    }

    private static WhyNot why(Question question, PlanKind wanted) {
        return WhyNot.of(question, QuirkTable.shipped(), wanted);
    }

    private static Set<String> changes(WhyNot why) {
        return why.changes().stream().map(remedy -> remedy.change().toString()).collect(Collectors.toSet());
    }

    private static List<String> prevented(WhyNot why) {
        return why.prevented().stream().map(step -> step.rule().id()).toList();
    }

    @Test
    void aSecureGuestsReachPreventsDirectAndNoProtectionWouldGiveIt() {
        WhyNot why = why(on("tdx", "absent"), PlanKind.DIRECT);
        assertEquals(List.of("B1"), prevented(why));
        // An encrypted host would not do: without the feature addresses lack the bit that decrypts.
        assertEquals(Set.of("protection = none"), changes(why));
    }

    @Test
    void theFeatureIsWhatTranslationWaitsForBehindAnIommu() {
        WhyNot why = why(on("q35-dmar", "absent"), PlanKind.TRANSLATED);
        assertEquals(List.of("R1"), prevented(why));
        assertEquals(Set.of("access-platform = offered"), changes(why));
    }

    @Test
    void whereOneChangeDoesNotDoTwoAreNamedTogether() {
        WhyNot why = why(on("plain", "absent"), PlanKind.TRANSLATED);
        assertTrue(
                changes(why).contains("access-platform = offered, iommu-kind = intel, iommu-state = up"),
                changes(why)::toString);
        assertFalse(
                changes(why).stream().anyMatch(change -> change.contains("smmuv3")),
                "an SMMU contradicts the architecture");
    }

    @Test
    void aRefusalNamesTheRuleThatRefusesAndWhatWouldLiftIt() {
        WhyNot why = why(on("xen-pv", "absent"), PlanKind.GRANTED);
        assertEquals(List.of("V6"), prevented(why));
        assertTrue(changes(why).contains("access-platform = offered"), changes(why)::toString);
    }

    @Test
    void aNumberChangesToTheNearestThatDoes() {
        Question narrow = on("plain", "absent").with(FactName.ADDRESS_BITS, Fact.of("32", "test"));
        WhyNot why = why(narrow, PlanKind.DIRECT);
        assertEquals(List.of("B3"), prevented(why));
        assertEquals(Set.of("address-bits = 40", "ram-bits = 32"), changes(why));
    }

    @Test
    void aPlanThatCameOutWasNotPrevented() {
        WhyNot why = why(on("plain", "absent"), PlanKind.DIRECT);
        assertEquals(List.of(), why.prevented());
        assertEquals(List.of(), why.changes());
    }

    @Test
    void everyChangeThatIsNamedDoesGiveThePlan() {
        for (String preset : List.of("plain", "tdx", "pseries", "sparc64", "xen-pv", "arm-noncoherent")) {
            for (PlanKind wanted : PlanKind.values()) {
                Question question = on(preset, "offered");
                for (WhyNot.Remedy remedy : why(question, wanted).changes()) {
                    Question changed = question;
                    for (Map.Entry<FactName, String> fact :
                            remedy.change().facts().entrySet()) {
                        changed = changed.with(fact.getKey(), Fact.of(fact.getValue(), "changed"));
                    }
                    assertEquals(
                            wanted,
                            PlanKind.of(changed.decide(QuirkTable.shipped()).outcome()),
                            preset + ": " + remedy);
                    assertEquals(List.of(), changed.contradictions());
                }
            }
        }
    }

    @Test
    void aFlippedFeatureThatNoSuchDeviceCanOfferIsLeftOut() {
        Question legacy = on("plain", "absent")
                .with(FactName.TRANSPORT, Fact.of("legacy-pci", "test"))
                .with(FactName.VERSION_1, Fact.of("absent", "test"));
        for (ReservedFeature feature : ReservedFeature.values()) {
            assertTrue(legacy.flipped(feature).isEmpty(), feature::name);
            assertTrue(on("plain", "absent").flipped(feature).isPresent(), feature::name);
        }
    }
}
