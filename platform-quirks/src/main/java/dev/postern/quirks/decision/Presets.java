package dev.postern.quirks.decision;

import dev.postern.facts.Fact;
import dev.postern.platform.DetectedPlatform;
import dev.postern.platform.PageSharing;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The platforms that can be asked for by name, and the facts of one that was detected. */
public final class Presets {

    private static final Map<String, PlatformFacts> BY_NAME = new LinkedHashMap<>();

    static {
        add("plain", new MemoryReach.AllOfRam());
        add("sev", new MemoryReach.SharedPagesOnly("C-bit", MemoryReach.LinuxAnswer.REFUSES));
        add("sev-es", new MemoryReach.SharedPagesOnly("C-bit", MemoryReach.LinuxAnswer.REFUSES));
        add("sev-snp", new MemoryReach.SharedPagesOnly("C-bit and PVALIDATE", MemoryReach.LinuxAnswer.REFUSES));
        add(
                "hyperv-vtom",
                new MemoryReach.SharedPagesOnly("vTOM bit and host visibility", MemoryReach.LinuxAnswer.REFUSES));
        add("tdx", new MemoryReach.SharedPagesOnly("shared bit and MapGPA", MemoryReach.LinuxAnswer.REFUSES));
        add(
                "cca",
                new MemoryReach.SharedPagesOnly(
                        "realm services and the shared alias", MemoryReach.LinuxAnswer.HANDS_OUT_PRIVATE_ADDRESSES));
        add(
                "pkvm",
                new MemoryReach.SharedPagesOnly(
                        "pKVM share calls", MemoryReach.LinuxAnswer.HANDS_OUT_PRIVATE_ADDRESSES));
        add(
                "pseries-svm",
                new MemoryReach.SharedPagesOnly(
                        "ultravisor calls", MemoryReach.LinuxAnswer.HANDS_OUT_PRIVATE_ADDRESSES));
        add("s390-pv", new MemoryReach.SharedPagesOnly("ultravisor calls", MemoryReach.LinuxAnswer.REFUSES));
    }

    private Presets() {}

    private static void add(String name, MemoryReach reach) {
        String source = "preset " + name;
        BY_NAME.put(
                name,
                new PlatformFacts(
                        Fact.of(name, source),
                        Fact.of(new Translation.None(), source + ": no IOMMU"),
                        Fact.of(reach, source),
                        Fact.of(
                                FenceReach.CPUS_AND_DEVICES,
                                source + ": every device is software on this host, whose CPUs the fences reach"),
                        Fact.of(Strictness.SERVE, "default")));
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
        if (!(facts.reach().value() instanceof MemoryReach.SharedPagesOnly preset)) {
            throw new IllegalArgumentException("the preset %s shares no pages".formatted(platform.name()));
        }
        return facts.withReach(Fact.of(
                new MemoryReach.SharedPagesOnly(sharing.mechanism(), preset.withoutAccessPlatform()),
                "detected: " + platform.trace().getLast()));
    }
}
