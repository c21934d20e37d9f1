package dev.postern.quirks.decision;

import dev.postern.facts.Fact;
import dev.postern.quirks.Domain;
import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import java.util.EnumSet;
import java.util.Set;

/**
 * A device and what surrounds it, as types for rules and as a sheet for rows, one made from the other.
 *
 * @param device the device; its sheet holds everything, so that rules find any fact in one place
 * @param platform what surrounds it; with the same sheet
 */
public record Circumstances(DeviceFacts device, PlatformFacts platform) {

    /** Everything that is known, by name. What has a component of its own is taken from there. */
    static FactSheet sheet(DeviceFacts device, PlatformFacts platform) {
        FactSheet sheet = platform.more().with(device.more());
        for (ReservedFeature feature : ReservedFeature.values()) {
            String word = device.offers(feature) ? "offered" : "absent";
            sheet = sheet.with(feature.fact(), Fact.of(word, device.offered().source()));
        }
        sheet = sheet.with(
                        FactName.ADDRESS_BITS,
                        Fact.of(
                                device.addressBits().value().toString(),
                                device.addressBits().source()))
                .with(FactName.PRESET, platform.preset())
                .with(
                        FactName.FENCES,
                        word(
                                platform.fences(),
                                platform.fences().value() == FenceReach.CPUS_ONLY ? "cpus-only" : "cpus-and-devices"))
                .with(
                        FactName.STRICTNESS,
                        word(
                                platform.strictness(),
                                platform.strictness().value() == Strictness.REFUSE ? "refuse" : "serve"));
        return withReach(withTranslation(sheet, platform.translation()), platform.reach());
    }

    /** What is known of the platform alone, by name. */
    static FactSheet of(PlatformFacts platform) {
        return withReach(withTranslation(platform.more(), platform.translation()), platform.reach())
                .with(FactName.PRESET, platform.preset());
    }

    private static Fact<String> word(Fact<?> fact, String word) {
        return Fact.of(word, fact.source());
    }

    private static FactSheet withTranslation(FactSheet sheet, Fact<Translation> translation) {
        return switch (translation.value()) {
            case Translation.None() -> sheet.with(FactName.IOMMU_STATE, word(translation, "none"));
            case Translation.BehindIommu(String iommu, IommuState state) ->
                sheet.with(FactName.IOMMU, word(translation, iommu))
                        .with(FactName.IOMMU_STATE, word(translation, state.word()));
        };
    }

    private static FactSheet withReach(FactSheet sheet, Fact<MemoryReach> reach) {
        return switch (reach.value()) {
            case MemoryReach.AllOfRam() -> sheet.with(FactName.REACH, word(reach, "all-of-ram"));
            case MemoryReach.RestrictedPool() -> sheet.with(FactName.REACH, word(reach, "restricted-pool"));
            case MemoryReach.SharedPagesOnly(String mechanism, MemoryReach.LinuxAnswer answer) ->
                sheet.with(FactName.REACH, word(reach, "shared-pages-only"))
                        .with(FactName.SHARING, word(reach, mechanism))
                        .with(
                                FactName.LINUX_WITHOUT_ACCESS_PLATFORM,
                                word(
                                        reach,
                                        answer == MemoryReach.LinuxAnswer.REFUSES
                                                ? "refuses"
                                                : "hands-out-private-addresses"));
        };
    }

    /**
     * The same circumstances with other words on some facts, whatever was found about them.
     *
     * @param claims facts that somebody vouches for, with their provenance
     */
    public Circumstances with(FactSheet claims) {
        return claims.known().isEmpty() ? this : as(sheet(device, platform).with(claims));
    }

    /** The same circumstances as a sheet has them. */
    Circumstances as(FactSheet sheet) {
        return new Circumstances(
                new DeviceFacts(device.name(), offered(sheet), addressBits(sheet), sheet),
                new PlatformFacts(
                        platform.preset(),
                        translation(sheet),
                        reach(sheet),
                        fences(sheet),
                        platform.strictness(),
                        sheet));
    }

    /** The offer as the device made it when no row doubts it; else with the rows that do. */
    private Fact<Set<ReservedFeature>> offered(FactSheet sheet) {
        Set<ReservedFeature> offered = EnumSet.noneOf(ReservedFeature.class);
        StringBuilder source = new StringBuilder(device.offered().source());
        for (ReservedFeature feature : ReservedFeature.values()) {
            Fact<String> fact = sheet.fact(feature.fact());
            if (fact.value().equals("offered")) {
                offered.add(feature);
            }
            if (device.offers(feature) != fact.value().equals("offered")) {
                source.append("; ").append(feature).append(" by ").append(fact.source());
            }
        }
        return Fact.of(offered, source.toString());
    }

    static Fact<Integer> addressBits(FactSheet sheet) {
        Fact<String> fact = sheet.fact(FactName.ADDRESS_BITS);
        return Fact.of((int) Domain.Number.parse(fact.value()), fact.source());
    }

    static Fact<Translation> translation(FactSheet sheet) {
        Fact<String> state = sheet.fact(FactName.IOMMU_STATE);
        if (state.value().equals("none")) {
            return Fact.of(new Translation.None(), state.source());
        }
        String name = sheet.value(FactName.IOMMU);
        String called = name.isEmpty() ? sheet.value(FactName.IOMMU_KIND) : name;
        for (IommuState one : IommuState.values()) {
            if (one.word().equals(state.value())) {
                return Fact.of(new Translation.BehindIommu(called, one), state.source());
            }
        }
        throw new IllegalArgumentException("iommu-state is %s".formatted(state));
    }

    static Fact<MemoryReach> reach(FactSheet sheet) {
        Fact<String> reach = sheet.fact(FactName.REACH);
        MemoryReach value = switch (reach.value()) {
            case "shared-pages-only" -> {
                String sharing = sheet.value(FactName.SHARING);
                yield new MemoryReach.SharedPagesOnly(
                        sharing.isEmpty() ? sheet.value(FactName.PROTECTION) : sharing,
                        sheet.is(FactName.LINUX_WITHOUT_ACCESS_PLATFORM, "refuses")
                                ? MemoryReach.LinuxAnswer.REFUSES
                                : MemoryReach.LinuxAnswer.HANDS_OUT_PRIVATE_ADDRESSES);
            }
            case "restricted-pool" -> new MemoryReach.RestrictedPool();
            default -> new MemoryReach.AllOfRam();
        };
        return Fact.of(value, reach.source());
    }

    static Fact<FenceReach> fences(FactSheet sheet) {
        Fact<String> fences = sheet.fact(FactName.FENCES);
        return Fact.of(
                fences.value().equals("cpus-only") ? FenceReach.CPUS_ONLY : FenceReach.CPUS_AND_DEVICES,
                fences.source());
    }
}
