package dev.postern.quirks.decision;

import dev.postern.quirks.FactName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Every combination of what the rules tell apart, with all numbers reduced to classes, so that the decision can be enumerated
 * as a whole. Fences and coherency do not touch the plan and are enumerated by themselves.
 */
public final class ClassedInputs {

    private static final List<ClassedInput> XEN = List.of(
            new ClassedInput("none", Map.of()),
            new ClassedInput("hvm", Map.of(FactName.XEN, "hvm")),
            new ClassedInput("pv-first", Map.of(FactName.XEN, "pv", FactName.XEN_INITIAL_DOMAIN, "yes")),
            new ClassedInput("pv", Map.of(FactName.XEN, "pv")));
    private static final List<ClassedInput> ADDRESSES = List.of(
            new ClassedInput("fits", Map.of()),
            new ClassedInput("tooNarrow", Map.of(FactName.ADDRESS_BITS, "32")),
            new ClassedInput("offset", Map.of(FactName.OFFSET, "0x800000000000000")),
            new ClassedInput("inexpressible", Map.of(FactName.ADDRESS_BITS, "30", FactName.RAM_BASE, "0x40000000")));
    private static final List<ClassedInput> OFFERS = List.of(offer("-"), offer("V"), offer("A"), offer("VA"));

    private ClassedInputs() {}

    private static ClassedInput offer(String features) {
        return new ClassedInput(
                features,
                Map.of(
                        FactName.VERSION_1, features.contains("V") ? "offered" : "absent",
                        FactName.ACCESS_PLATFORM, features.contains("A") ? "offered" : "absent"));
    }

    /** What the plan depends on, but for the features: Xen, IOMMU, addresses, reach, port, transport, strictness. */
    public static List<ClassedInput> platforms() {
        return product(List.of(
                XEN,
                each(FactName.IOMMU_STATE, "none", "no-driver", "not-up", "up", "bypassed").stream()
                        .map(state -> new ClassedInput("", Map.of(FactName.IOMMU, "iommu0")).and(state))
                        .toList(),
                ADDRESSES,
                each(FactName.REACH, "all-of-ram", "shared-pages-only", "restricted-pool"),
                each(FactName.PORT, "internal", "external-facing"),
                each(FactName.TRANSPORT, "modern-pci", "legacy-pci"),
                each(FactName.STRICTNESS, "serve", "refuse")));
    }

    /** The offers that the plan depends on: {@code V} is VERSION_1, {@code A} ACCESS_PLATFORM, {@code -} neither. */
    public static List<ClassedInput> offers() {
        return OFFERS;
    }

    /** What the order of accesses depends on: offer, barriers, fences. */
    public static List<ClassedInput> orders() {
        return product(List.of(
                each(FactName.ORDER_PLATFORM, "absent", "offered"),
                each(FactName.BARRIERS, "cpu", "device"),
                each(FactName.FENCES, "cpus-and-devices", "cpus-only")));
    }

    /** What coherency depends on: offer, IOMMU, snooping, and the three conditions of no-snoop. */
    public static List<ClassedInput> coherencies() {
        return product(List.of(
                each(FactName.ACCESS_PLATFORM, "absent", "offered"),
                each(FactName.IOMMU_STATE, "none", "up"),
                each(FactName.SNOOPED, "yes", "no"),
                each(FactName.NO_SNOOP, "never", "issued"),
                each(FactName.NO_SNOOP_THROUGH_IOMMU, "blocked", "passes"),
                each(FactName.NO_SNOOP_HONOURED, "no", "yes")));
    }

    /** All of them: every platform with every offer, then orders and coherencies. */
    public static List<ClassedInput> all() {
        List<ClassedInput> all = new ArrayList<>(product(List.of(platforms(), OFFERS)));
        all.addAll(orders());
        all.addAll(coherencies());
        return List.copyOf(all);
    }

    /** One input for each value of a fact, labelled with it. */
    private static List<ClassedInput> each(FactName fact, String... values) {
        List<ClassedInput> inputs = new ArrayList<>();
        for (String value : values) {
            inputs.add(new ClassedInput(value, Map.of(fact, value)));
        }
        return List.copyOf(inputs);
    }

    /** Every combination of one of each; the last changes fastest. */
    static List<ClassedInput> product(List<List<ClassedInput>> dimensions) {
        List<ClassedInput> product = List.of(new ClassedInput("", Map.of()));
        for (List<ClassedInput> dimension : dimensions) {
            List<ClassedInput> wider = new ArrayList<>();
            for (ClassedInput input : product) {
                for (ClassedInput other : dimension) {
                    wider.add(input.and(other));
                }
            }
            product = List.copyOf(wider);
        }
        return product;
    }
}
