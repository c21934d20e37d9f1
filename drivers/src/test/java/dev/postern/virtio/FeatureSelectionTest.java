package dev.postern.virtio;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.postern.virtio.blk.BlkFeatures;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Which features are accepted, and what bits are called. */
class FeatureSelectionTest {

    @Test
    void nothingIsAcceptedThatIsNotOfferedAndUnderstood() {
        FeatureSelection rule = new FeatureSelection(FeatureSet.of(1, 2), FeatureSet.EMPTY, Map.of());
        assertEquals(FeatureSet.of(2), rule.accept(FeatureSet.of(2, 3, 70), FeatureSet.EMPTY), "content:142");
    }

    @Test
    void whatTheDecisionAcceptsIsAcceptedIfOfferedAndNotWithheld() {
        FeatureSelection rule = new FeatureSelection(FeatureSet.of(1), FeatureSet.of(36), Map.of());
        assertEquals(
                FeatureSet.of(1, 32),
                rule.accept(FeatureSet.of(1, 32, 33, 36), FeatureSet.of(32, 36, 40)),
                "33 was not decided, 36 is withheld, 40 is not offered");
    }

    @Test
    void aBitWhosePrerequisiteIsMissingTakesThoseThatNeedItWithIt() {
        FeatureSelection rule = new FeatureSelection(
                FeatureSet.of(1, 2, 3, 4),
                FeatureSet.of(1),
                Map.of(4, FeatureSet.of(3), 3, FeatureSet.of(2), 2, FeatureSet.of(1)));
        assertEquals(FeatureSet.EMPTY, rule.accept(FeatureSet.of(1, 2, 3, 4), FeatureSet.EMPTY), "content:143");
    }

    @Test
    void theResultIsTheLargestSetThatKeepsEveryPrerequisite() {
        SplittableRandom random = new SplittableRandom(143);
        for (int round = 0; round < 300; round++) {
            FeatureSet offered = new FeatureSet(random.nextLong() & 0xff, 0);
            Map<Integer, FeatureSet> needs = new java.util.HashMap<>();
            for (int bit = 0; bit < 8; bit++) {
                if (random.nextBoolean()) {
                    needs.put(bit, FeatureSet.of(random.nextInt(8)));
                }
            }
            FeatureSet best = FeatureSet.EMPTY;
            for (int candidate = 0; candidate < 256; candidate++) {
                FeatureSet set = new FeatureSet(candidate, 0);
                boolean holds = offered.containsAll(set)
                        && set.bits().allMatch(b -> set.containsAll(needs.getOrDefault(b, FeatureSet.EMPTY)));
                best = holds ? best.union(set) : best;
            }
            FeatureSelection rule = new FeatureSelection(new FeatureSet(0xff, 0), FeatureSet.EMPTY, needs);
            assertEquals(best, rule.accept(offered, FeatureSet.EMPTY), "round %d: %s".formatted(round, needs));
        }
    }

    @Test
    void withoutVersionOneNothingAboveTheFirst32BitsIsAccepted() {
        FeatureSet all = FeatureSet.of(28, 29, 32, 33, 34, 35, 36, 38, 39, 40);
        FeatureSelection rule = new FeatureSelection(all, FeatureSet.EMPTY, ReservedFeatures.PREREQUISITES);
        assertEquals(all, rule.accept(all, FeatureSet.EMPTY));
        assertEquals(FeatureSet.of(28, 29), rule.accept(all.minus(FeatureSet.of(32)), FeatureSet.EMPTY), "content:143");
    }

    @Test
    void orderPlatformIsAcceptedWhereTheDecisionSaysSoAndNowhereElse() {
        FeatureSet drivers = RingFeatures.SUPPORTED.union(FeatureSet.of(38, 39, 40));
        FeatureSelection rule = new FeatureSelection(drivers, FeatureSet.EMPTY, ReservedFeatures.PREREQUISITES);
        FeatureSet offered = FeatureSet.of(32, 33, 36);
        assertEquals(FeatureSet.of(32), rule.accept(offered, FeatureSet.of(32)));
        assertEquals(FeatureSet.of(32, 36), rule.accept(offered, FeatureSet.of(32, 36)), "content:962");
    }

    @Test
    void bitsAreCalledWhatTheSpecificationCallsThem() {
        assertEquals(
                List.of("size_max", "flush", "bit-23", "indirect_desc", "version_1", "access_platform", "bit-127"),
                BlkFeatures.TYPE.namesOf(FeatureSet.of(1, 9, 23, 28, 32, 33, 127)));
        assertEquals(
                List.of("bit-1", "event_idx"),
                new DeviceType(4, "rng", Map.of()).namesOf(FeatureSet.of(1, 29)),
                "a type's own bits are not another's");
    }

    @Test
    void theStatusIsDescribedByItsBits() {
        assertEquals("0x4f [ACKNOWLEDGE, DRIVER, FEATURES_OK, DRIVER_OK, NEEDS_RESET]", DeviceStatus.describe(0x4f));
        assertEquals("0x80 [FAILED]", DeviceStatus.describe(0x80));
        assertEquals("0x00 []", DeviceStatus.describe(0));
    }
}
