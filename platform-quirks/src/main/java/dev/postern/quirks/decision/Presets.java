package dev.postern.quirks.decision;

import dev.postern.facts.Fact;
import java.util.List;

/** The platforms that can be asked for by name. */
public final class Presets {

    private static final PlatformFacts PLAIN = new PlatformFacts(
            Fact.of("plain", "preset plain"),
            Fact.of(new Translation.None(), "preset plain: no IOMMU"),
            Fact.of(
                    FenceReach.CPUS_AND_DEVICES,
                    "preset plain: every device is software on this host, whose CPUs the fences reach"));

    private Presets() {}

    /** An ordinary virtual machine: no secure platform, no IOMMU, devices in software on the same host. */
    public static PlatformFacts plain() {
        return PLAIN;
    }

    /** The names that {@link #named} knows, in alphabetical order. */
    public static List<String> names() {
        return List.of("plain");
    }

    /**
     * A preset by its name.
     *
     * @throws IllegalArgumentException when there is none of that name; the message lists the names
     */
    public static PlatformFacts named(String name) {
        return switch (name) {
            case "plain" -> PLAIN;
            default ->
                throw new IllegalArgumentException(
                        "no platform preset is called \"%s\": give one of %s".formatted(name, names()));
        };
    }
}
