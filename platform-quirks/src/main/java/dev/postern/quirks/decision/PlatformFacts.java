package dev.postern.quirks.decision;

import dev.postern.facts.Fact;
import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import dev.postern.quirks.QuirkTable;
import java.util.Objects;

/**
 * What is known about the platform around one device.
 *
 * @param preset the name of the preset that the facts started from
 * @param translation what stands between the device and memory
 * @param reach which memory the platform lets the device reach
 * @param fences whom the guest's fences order accesses against
 * @param strictness whether what is not as it should be is served all the same
 * @param more other facts about it, by name; those that have a component of their own are taken from there
 */
public record PlatformFacts(
        Fact<String> preset,
        Fact<Translation> translation,
        Fact<MemoryReach> reach,
        Fact<FenceReach> fences,
        Fact<Strictness> strictness,
        FactSheet more) {

    /** No fact may be missing. */
    public PlatformFacts {
        Objects.requireNonNull(preset);
        Objects.requireNonNull(translation);
        Objects.requireNonNull(reach);
        Objects.requireNonNull(fences);
        Objects.requireNonNull(strictness);
        Objects.requireNonNull(more);
    }

    /** A platform of which nothing else is known. */
    public PlatformFacts(
            Fact<String> preset,
            Fact<Translation> translation,
            Fact<MemoryReach> reach,
            Fact<FenceReach> fences,
            Fact<Strictness> strictness) {
        this(preset, translation, reach, fences, strictness, FactSheet.EMPTY);
    }

    /** The same platform with another word on translation, as found for one device. */
    public PlatformFacts withTranslation(Fact<Translation> found) {
        return new PlatformFacts(preset, found, reach, fences, strictness, more);
    }

    /** The same platform with another word on the memory that devices reach. */
    public PlatformFacts withReach(Fact<MemoryReach> found) {
        return new PlatformFacts(preset, translation, found, fences, strictness, more);
    }

    /** The same platform with another word on fences. */
    public PlatformFacts withFences(Fact<FenceReach> found) {
        return new PlatformFacts(preset, translation, reach, found, strictness, more);
    }

    /** The same platform with one more fact. */
    public PlatformFacts with(FactName fact, Fact<String> found) {
        return new PlatformFacts(preset, translation, reach, fences, strictness, more.with(fact, found));
    }

    /** The same platform, served strictly or not. */
    public PlatformFacts withStrictness(Fact<Strictness> wanted) {
        return new PlatformFacts(preset, translation, reach, fences, wanted, more);
    }

    /** All that is known before any device was looked at, as rows correct it. */
    public FactSheet corrected(QuirkTable quirks) {
        return quirks.correct(Circumstances.of(this)).facts();
    }
}
