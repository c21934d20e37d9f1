package dev.postern.quirks.decision;

import dev.postern.facts.Fact;
import dev.postern.platform.DetectedPlatform;
import dev.postern.platform.PageSharing;
import dev.postern.quirks.FactName;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The platforms that can be asked for by name, and the facts of one that was detected. */
public final class Presets {

    private static final Map<String, PlatformFacts> BY_NAME = new LinkedHashMap<>();

    static {
        add("plain", "none", "");
        add("sev", "sev", "C-bit");
        add("sev-es", "sev-es", "C-bit");
        add("sev-snp", "sev-snp", "C-bit and PVALIDATE");
        add("hyperv-vtom", "hyperv-vtom", "vTOM bit and host visibility");
        add("tdx", "tdx", "shared bit and MapGPA");
        add("cca", "cca", "realm services and the shared alias");
        add("pkvm", "pkvm", "pKVM share calls");
        add("pseries-svm", "pseries-svm", "ultravisor calls");
        add("s390-pv", "s390-pv", "ultravisor calls");
    }

    private Presets() {}

    /** What a protection does to the reach of devices is for quirk rows, so that it can be looked up and tried without. */
    private static void add(String name, String protection, String sharing) {
        String source = "preset " + name;
        PlatformFacts facts = new PlatformFacts(
                Fact.of(name, source),
                Fact.of(new Translation.None(), source + ": no IOMMU"),
                Fact.of(new MemoryReach.AllOfRam(), source),
                Fact.of(
                        FenceReach.CPUS_AND_DEVICES,
                        source + ": every device is software on this host, whose CPUs the fences reach"),
                Fact.of(Strictness.SERVE, "default"));
        BY_NAME.put(
                name,
                facts.with(FactName.PROTECTION, Fact.of(protection, source))
                        .with(FactName.SHARING, Fact.of(sharing, source)));
    }

    /** An ordinary virtual machine: no secure platform, no IOMMU, devices in software on the same host. */
    public static PlatformFacts plain() {
        return BY_NAME.get("plain");
    }

    /** The names that {@link #named} knows; {@code plain} first. */
    public static List<String> names() {
        return List.copyOf(BY_NAME.keySet());
    }

    /**
     * A preset by its name.
     *
     * @throws IllegalArgumentException when there is none of that name; the message lists the names
     */
    public static PlatformFacts named(String name) {
        PlatformFacts facts = BY_NAME.get(name);
        if (facts == null) {
            throw new IllegalArgumentException(
                    "no platform preset is called \"%s\": give one of %s".formatted(name, names()));
        }
        return facts;
    }

    /** The facts of a platform as the guest found it: the preset of its name, with what was detected in place of the preset's word. */
    public static PlatformFacts of(DetectedPlatform platform) {
        PlatformFacts facts = named(platform.name());
        return platform.sharing()
                .map(sharing -> detected(facts, platform, sharing))
                .orElse(facts);
    }

    private static PlatformFacts detected(PlatformFacts facts, DetectedPlatform platform, PageSharing sharing) {
        if (facts.more().is(FactName.PROTECTION, "none")) {
            throw new IllegalArgumentException("the preset %s shares no pages".formatted(platform.name()));
        }
        String source = "detected: " + platform.trace().getLast();
        return facts.with(FactName.PROTECTION, Fact.of(facts.more().value(FactName.PROTECTION), source))
                .with(FactName.SHARING, Fact.of(sharing.mechanism(), source));
    }
}
