package dev.postern.quirks.decision;

import dev.postern.quirks.Condition;
import dev.postern.quirks.Domain;
import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import dev.postern.quirks.QuirkTable;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** What one could change about facts, one thing at a time. */
final class FactChanges {

    /** Names of things, from which nothing follows. */
    private static final Set<FactName> LABELS = EnumSet.of(FactName.PRESET, FactName.SHARING, FactName.IOMMU);

    /** Where one change does not do, only these are combined: they are what users turn. */
    private static final Set<FactName> TURNED = EnumSet.of(
            FactName.VERSION_1,
            FactName.ACCESS_PLATFORM,
            FactName.PROTECTION,
            FactName.XEN,
            FactName.XEN_INITIAL_DOMAIN,
            FactName.IOMMU_NODE,
            FactName.IOMMU_STATE,
            FactName.MEMORY_REGION,
            FactName.DMA_RANGES,
            FactName.PORT,
            FactName.STRICTNESS);

    private FactChanges() {}

    /** Every change of one fact, found facts before those that only rows set; numbers change to where they begin to matter. */
    static List<FactChange> single(FactSheet facts, QuirkTable quirks) {
        List<FactChange> changes = new ArrayList<>();
        for (boolean found : new boolean[] {true, false}) {
            for (FactName fact : FactName.values()) {
                if (!LABELS.contains(fact) && isFound(fact) == found) {
                    values(fact, facts, quirks).forEach(value -> changes.add(new FactChange(Map.of(fact, value))));
                }
            }
        }
        return changes;
    }

    private static boolean isFound(FactName fact) {
        return !fact.settable() || fact == FactName.ACCESS_PLATFORM || fact == FactName.ADDRESS_BITS;
    }

    /** Changes that are made together or not at all, and those that can be combined. */
    static List<FactChange> combinable(FactSheet facts, QuirkTable quirks) {
        List<FactChange> changes = new ArrayList<>(single(facts, quirks).stream()
                .filter(change -> TURNED.containsAll(change.facts().keySet()))
                .toList());
        for (String kind : ((Domain.Words) FactName.IOMMU_KIND.domain()).words()) {
            if (!kind.equals("none")) {
                changes.add(new FactChange(Map.of(FactName.IOMMU_KIND, kind, FactName.IOMMU_STATE, "up")));
            }
        }
        if (!facts.is(FactName.ADDRESS_BITS, "64")) {
            changes.add(new FactChange(Map.of(FactName.ADDRESS_BITS, "64")));
        }
        if (VersionOneMissing.legacy(facts)) {
            changes.add(new FactChange(Map.of(FactName.TRANSPORT, "modern-pci", FactName.VERSION_1, "offered")));
        }
        return changes;
    }

    private static Set<String> values(FactName fact, FactSheet facts, QuirkTable quirks) {
        String now = facts.value(fact);
        Set<String> values = new LinkedHashSet<>(
                switch (fact.domain()) {
                    case Domain.Words(List<String> words) -> words;
                    case Domain.Number(long _, long highest)
                    when Long.compareUnsigned(highest, 64) <= 0 -> nearest(Domain.Number.parse(now), highest);
                    case Domain.Number _ -> List.of("0");
                    case Domain.Ranges _ -> List.of("");
                    case Domain.Text _ -> asked(fact, quirks);
                });
        values.remove(now);
        return values;
    }

    /** Numbers of address bits from the present one outward, so that the first that does is the nearest. */
    private static List<String> nearest(long now, long highest) {
        return Stream.iterate(1L, step -> step <= highest, step -> step + 1)
                .flatMap(step -> Stream.of(now + step, now - step))
                .filter(value -> value >= 1 && value <= highest)
                .map(String::valueOf)
                .toList();
    }

    /** Texts that rows ask for, and none at all. */
    private static List<String> asked(FactName fact, QuirkTable quirks) {
        return Stream.concat(
                        Stream.of(""),
                        quirks.rows().stream()
                                .flatMap(row -> row.match().stream())
                                .filter(condition -> condition.fact() == fact)
                                .map(Condition::alternatives)
                                .flatMap(List::stream))
                .distinct()
                .toList();
    }
}
