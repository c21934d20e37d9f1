package dev.postern.quirks.decision;

import dev.postern.facts.Fact;
import dev.postern.quirks.Domain;
import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
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
        FactSheet.Builder sheet = platform.more().with(device.more()).toBuilder();
        for (ReservedFeature feature : ReservedFeature.ALL) {
            sheet.with(
                    feature.fact(),
                    Fact.of(
                            device.offers(feature) ? "offered" : "absent",
                            device.offered().source()));
        }
        sheet.with(
                        FactName.ADDRESS_BITS,
                        word(device.addressBits(), device.addressBits().value().toString()))
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
        return withPlatform(sheet, platform).build();
    }

    /** What is known of the platform alone, by name. */
    static FactSheet of(PlatformFacts platform) {
        return withPlatform(platform.more().toBuilder(), platform).build();
    }

    private static FactSheet.Builder withPlatform(FactSheet.Builder sheet, PlatformFacts platform) {
        withTranslation(sheet, platform.translation());
        withReach(sheet, platform.reach());
        return sheet.with(FactName.PRESET, platform.preset());
    }

    private static Fact<String> word(Fact<?> fact, String word) {
        return Fact.of(word, fact.source());
    }

    private static void withTranslation(FactSheet.Builder sheet, Fact<Translation> translation) {
        // Not a switch on types, nor are those below: each spins a class at every start.
        if (translation.value() instanceof Translation.BehindIommu(String iommu, IommuState state)) {
            sheet.with(FactName.IOMMU, word(translation, iommu))
                    .with(FactName.IOMMU_STATE, word(translation, state.word()));
        } else {
            sheet.with(FactName.IOMMU_STATE, word(translation, "none"));
        }
    }

    private static void withReach(FactSheet.Builder sheet, Fact<MemoryReach> reach) {
        sheet.with(FactName.REACH, word(reach, reach.value().word()));
        if (reach.value() instanceof MemoryReach.SharedPagesOnly(String mechanism, MemoryReach.LinuxAnswer answer)) {
            sheet.with(FactName.SHARING, word(reach, mechanism))
                    .with(
                            FactName.LINUX_WITHOUT_ACCESS_PLATFORM,
                            word(
                                    reach,
                                    answer == MemoryReach.LinuxAnswer.REFUSES
                                            ? "refuses"
                                            : "hands-out-private-addresses"));
        }
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
        long offered = 0;
        String source = device.offered().source();
        for (ReservedFeature feature : ReservedFeature.ALL) {
            Fact<String> fact = sheet.fact(feature.fact());
            boolean believed = fact.value().equals("offered");
            offered |= believed ? feature.mask() : 0;
            if (device.offers(feature) != believed) {
                source += "; " + feature + " by " + fact.source();
            }
        }
        return Fact.of(ReservedFeature.in(offered), source);
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
