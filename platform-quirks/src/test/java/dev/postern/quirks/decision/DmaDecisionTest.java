package dev.postern.quirks.decision;

import static dev.postern.quirks.decision.ReservedFeature.ACCESS_PLATFORM;
import static dev.postern.quirks.decision.ReservedFeature.ORDER_PLATFORM;
import static dev.postern.quirks.decision.ReservedFeature.VERSION_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.dma.DmaPlan;
import dev.postern.facts.Fact;
import dev.postern.quirks.FactName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class DmaDecisionTest {

    /** An ordinary machine and those whose guest is protected, of which nothing else is said. */
    private static final List<String> PLATFORMS =
            List.of("plain", "sev", "sev-es", "sev-snp", "hyperv-vtom", "tdx", "cca", "pkvm", "pseries-svm", "s390-pv");

    private static final Outcome DIRECT = new Outcome.Proceed(new DmaPlan.Direct(0));
    private static final Outcome BOUNCED = new Outcome.Proceed(new DmaPlan.Bounced(new DmaPlan.Direct(0)));
    private static final Fact<Translation> IOMMU =
            Fact.of(new Translation.BehindIommu("virtio-iommu at 00:02.0"), "VIOT, node 1");

    @Test
    void withoutAccessPlatformTheDeviceIsDirect() {
        Decision decision = decide(Presets.plain(), VERSION_1);
        assertEquals(DIRECT, decision.outcome());
        assertEquals(Set.of(VERSION_1), decision.accept());
        assertEquals("R1", decision.explanation().settling().rule().id());
    }

    @Test
    void withoutAccessPlatformTheDeviceIsDirectThoughTheTablesNameAnIommu() {
        Decision decision = decide(Presets.plain().withTranslation(IOMMU), VERSION_1);
        assertEquals(DIRECT, decision.outcome());
        assertEquals("R1", decision.explanation().settling().rule().id());
    }

    @Test
    void withAccessPlatformAndNothingThatTranslatesTheDeviceIsDirectAndTheFeatureAccepted() {
        Decision decision = decide(Presets.plain(), VERSION_1, ACCESS_PLATFORM);
        assertEquals(DIRECT, decision.outcome());
        assertEquals(Set.of(VERSION_1, ACCESS_PLATFORM), decision.accept());
        assertEquals("R2", decision.explanation().settling().rule().id());
    }

    @Test
    void withAccessPlatformBehindAnIommuTheDeviceIsRefusedWithARemedy() {
        Decision decision = decide(Presets.plain().withTranslation(IOMMU), VERSION_1, ACCESS_PLATFORM, ORDER_PLATFORM);
        Outcome.Refuse refuse = assertInstanceOf(Outcome.Refuse.class, decision.outcome());
        assertTrue(refuse.reason().contains("virtio-iommu at 00:02.0"), refuse.reason());
        assertTrue(refuse.reason().contains("--iommu none"), refuse.reason());
        assertEquals(1, refuse.reason().lines().count());
        assertEquals(Set.of(), decision.accept());
        assertEquals("R3", decision.explanation().settling().rule().id());
    }

    @Test
    void aDeviceWithoutVersionOneIsRefused() {
        Decision decision = decide(Presets.plain(), ACCESS_PLATFORM);
        Outcome.Refuse refuse = assertInstanceOf(Outcome.Refuse.class, decision.outcome());
        assertTrue(refuse.reason().contains("VERSION_1"), refuse.reason());
        assertEquals(Set.of(), decision.accept());
    }

    @Test
    void aSecurePlatformBouncesWhetherAccessPlatformIsOfferedOrNot() {
        for (String preset : List.of("sev-snp", "tdx", "pseries-svm")) {
            assertEquals(BOUNCED, decide(Presets.named(preset), VERSION_1).outcome(), preset);
            Decision offered = decide(Presets.named(preset), VERSION_1, ACCESS_PLATFORM);
            assertEquals(BOUNCED, offered.outcome(), preset);
            assertTrue(offered.accept().contains(ACCESS_PLATFORM), preset);
            assertEquals(
                    "B1", offered.explanation().reaching().orElseThrow().rule().id());
        }
    }

    @Test
    void theExplanationSaysWhatLinuxDoesOnEachSecurePlatformWithoutAccessPlatform() {
        assertTrue(story("sev-snp").contains("Linux refuses it"), story("sev-snp"));
        assertTrue(story("tdx").contains("Linux refuses it"), story("tdx"));
        assertTrue(
                story("pseries-svm").contains("Linux hands out private addresses here and stalls"),
                story("pseries-svm"));
    }

    private static String story(String preset) {
        return String.join(
                "\n", decide(Presets.named(preset), VERSION_1).explanation().lines());
    }

    @Test
    void strictlyASecureGuestRefusesADeviceWithoutAccessPlatform() {
        for (String preset : List.of("sev-snp", "tdx", "pseries-svm")) {
            PlatformFacts strict = Presets.named(preset).withStrictness(Fact.of(Strictness.REFUSE, "option --strict"));
            Outcome.Refuse refuse = assertInstanceOf(
                    Outcome.Refuse.class, decide(strict, VERSION_1).outcome());
            assertTrue(refuse.reason().contains("+access_platform"), refuse.reason());
            assertEquals(BOUNCED, decide(strict, VERSION_1, ACCESS_PLATFORM).outcome(), preset);
        }
        PlatformFacts plain = Presets.plain().withStrictness(Fact.of(Strictness.REFUSE, "option --strict"));
        assertEquals(DIRECT, decide(plain, VERSION_1).outcome());
    }

    @Test
    void orderPlatformIsAcceptedWhereFencesReachDevices() {
        assertEquals(
                Set.of(VERSION_1, ORDER_PLATFORM),
                decide(Presets.plain(), VERSION_1, ORDER_PLATFORM).accept());
    }

    @Test
    void orderPlatformIsLeftWhereFencesReachCpusOnlyAndTheExplanationSaysWhy() {
        PlatformFacts platform = Presets.plain().withFences(Fact.of(FenceReach.CPUS_ONLY, "test"));
        Decision decision = decide(platform, VERSION_1, ORDER_PLATFORM);
        assertEquals(Set.of(VERSION_1), decision.accept());
        assertTrue(
                decision.explanation().lines().stream()
                        .anyMatch(l -> l.strip().startsWith("O1  no")
                                && l.contains("fences order accesses for CPUs only (test)")),
                decision.explanation().lines()::toString);
    }

    /** All feature sets on all platforms: what is accepted was offered, and the clauses hold. */
    @Test
    void everyCombinationKeepsTheClauses() {
        for (Set<ReservedFeature> offered : featureSets()) {
            for (PlatformFacts platform : platforms()) {
                Decision decision = DmaDecision.decide(device(offered), platform);
                String story = String.join("\n", decision.explanation().lines());
                assertTrue(offered.containsAll(decision.accept()), story);
                boolean driven = decision.outcome() instanceof Outcome.Proceed;
                boolean translated = platform.translation().value() instanceof Translation.BehindIommu;
                // content:951 and content:952
                assertEquals(driven, decision.accept().contains(VERSION_1), story);
                boolean shared = !platform.more().is(FactName.PROTECTION, "none");
                boolean strictlyRefused = platform.strictness().value() == Strictness.REFUSE
                        && shared
                        && !offered.contains(ACCESS_PLATFORM);
                assertEquals(
                        offered.contains(VERSION_1)
                                && !(translated && offered.contains(ACCESS_PLATFORM))
                                && !strictlyRefused,
                        driven,
                        story);
                // content:954a
                assertEquals(
                        driven && offered.contains(ACCESS_PLATFORM),
                        decision.accept().contains(ACCESS_PLATFORM),
                        story);
                // content:957
                if (driven) {
                    assertEquals(shared ? BOUNCED : DIRECT, decision.outcome(), story);
                }
            }
        }
    }

    @Test
    void theExplanationListsEveryRuleInOrderWithItsPlaceInTheSource() {
        Decision decision = decide(Presets.plain(), VERSION_1);
        assertEquals(
                Rule.inOrder(),
                decision.explanation().steps().stream().map(Step::rule).toList());
        for (Rule rule : Rule.inOrder()) {
            assertEquals(rule.getClass().getSimpleName() + ".java", rule.where().file());
            assertTrue(rule.where().line() > 1, rule.where()::toString);
        }
        assertEquals(
                Rule.inOrder().size(),
                new HashSet<>(Rule.inOrder().stream().map(Rule::id).toList()).size());
    }

    @Test
    void theExplanationSaysWhichRulesWereNotReached() {
        List<Step> steps = decide(Presets.plain(), VERSION_1).explanation().steps();
        assertEquals(
                List.of(
                        "NotMatched",
                        "Accepted",
                        "NotMatched",
                        "NotMatched",
                        "NotMatched",
                        "NotMatched",
                        "NotMatched",
                        "NotMatched",
                        "NotMatched",
                        "NotMatched",
                        "NotMatched",
                        "NotMatched",
                        "NotMatched",
                        "NotMatched",
                        "NotMatched",
                        "Settled",
                        "NotReached",
                        "NotReached",
                        "NotMatched",
                        "NotMatched",
                        "NotMatched",
                        "NotMatched",
                        "Reached",
                        "NotMatched",
                        "NotMatched",
                        "Synced",
                        "NotMatched"),
                steps.stream().map(s -> s.finding().getClass().getSimpleName()).toList());
    }

    @Test
    void theExplanationNamesWhereEachFactCameFrom() {
        String story = String.join(
                "\n",
                decide(Presets.plain().withTranslation(IOMMU), VERSION_1, ACCESS_PLATFORM)
                        .explanation()
                        .lines());
        assertTrue(story.contains("(VIOT, node 1)"), story);
        assertTrue(story.contains("(feature word of the test)"), story);
        assertTrue(story.contains("Linux"), story);
    }

    @Test
    void oneLineIsOneLineAndNamesDeviceOutcomeAndRule() {
        assertEquals(
                "blk0: Direct, accepts [VERSION_1] (R1 ACCESS_PLATFORM is not offered: Direct, whatever the tables"
                        + " say)",
                decide(Presets.plain(), VERSION_1).explanation().oneLine());
        String refused = decide(Presets.plain()).explanation().oneLine();
        assertEquals(1, refused.lines().count());
        assertTrue(refused.startsWith("blk0: refused by V1: "), refused);
    }

    private static Decision decide(PlatformFacts platform, ReservedFeature... offered) {
        return DmaDecision.decide(device(Set.of(offered)), platform);
    }

    private static DeviceFacts device(Set<ReservedFeature> offered) {
        return new DeviceFacts(
                "blk0", Fact.of(offered, "feature word of the test"), Fact.of(64, "the transport's default"));
    }

    private static List<Set<ReservedFeature>> featureSets() {
        List<Set<ReservedFeature>> sets = new ArrayList<>();
        for (int i = 0; i < 1 << ReservedFeature.values().length; i++) {
            Set<ReservedFeature> set = new HashSet<>();
            for (ReservedFeature feature : ReservedFeature.values()) {
                if ((i >> feature.ordinal() & 1) != 0) {
                    set.add(feature);
                }
            }
            sets.add(set);
        }
        return sets;
    }

    private static List<PlatformFacts> platforms() {
        List<PlatformFacts> platforms = new ArrayList<>();
        for (FenceReach fences : FenceReach.values()) {
            for (String name : PLATFORMS) {
                for (Strictness strictness : Strictness.values()) {
                    PlatformFacts preset = Presets.named(name)
                            .withFences(Fact.of(fences, "test"))
                            .withStrictness(Fact.of(strictness, "test"));
                    platforms.add(preset);
                    platforms.add(preset.withTranslation(IOMMU));
                }
            }
        }
        return platforms;
    }
}
