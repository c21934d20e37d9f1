package dev.postern.quirks.decision;

import dev.postern.facts.Fact;
import dev.postern.platform.DetectedPlatform;
import dev.postern.platform.PageSharing;
import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import dev.postern.quirks.Preset;
import dev.postern.quirks.PresetTable;
import java.util.List;

/** The platforms that can be asked for by name, and the facts of one that was detected. */
public final class Presets {

    private Presets() {}

    /** An ordinary virtual machine: no secure platform, no IOMMU, devices in software on the same host. */
    public static PlatformFacts plain() {
        return named("plain");
    }

    /** The names that {@link #named} knows, without their aliases; {@code plain} first. */
    public static List<String> names() {
        return PresetTable.shipped().names();
    }

    /**
     * A preset by its name or an alias.
     *
     * @throws IllegalArgumentException when there is none of that name; the message has the nearest and lists the names
     */
    public static PlatformFacts named(String name) {
        return PresetTable.shipped()
                .named(name)
                .map(Presets::facts)
                .orElseThrow(() -> new IllegalArgumentException(
                        "no platform preset is called \"%s\": the nearest is %s; give one of %s"
                                .formatted(name, PresetTable.shipped().nearest(name), names())));
    }

    /** What a protection does to the reach of devices is for quirk rows, so that it can be looked up and tried without. */
    private static PlatformFacts facts(Preset preset) {
        FactSheet facts = preset.facts();
        return new PlatformFacts(
                facts.fact(FactName.PRESET),
                Circumstances.translation(facts),
                Circumstances.reach(facts),
                Circumstances.fences(facts),
                Fact.of(Strictness.SERVE, "default"),
                facts);
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
