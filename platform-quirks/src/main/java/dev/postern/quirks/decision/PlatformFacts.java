package dev.postern.quirks.decision;

import dev.postern.facts.Fact;
import java.util.Objects;

/**
 * What is known about the platform around one device.
 *
 * @param preset the name of the preset that the facts started from
 * @param translation what stands between the device and memory
 * @param fences whom the guest's fences order accesses against
 */
public record PlatformFacts(Fact<String> preset, Fact<Translation> translation, Fact<FenceReach> fences) {

    /** No fact may be missing. */
    public PlatformFacts {
        Objects.requireNonNull(preset);
        Objects.requireNonNull(translation);
        Objects.requireNonNull(fences);
    }

    /** The same platform with another word on translation, as found for one device. */
    public PlatformFacts withTranslation(Fact<Translation> found) {
        return new PlatformFacts(preset, found, fences);
    }

    /** The same platform with another word on fences. */
    public PlatformFacts withFences(Fact<FenceReach> found) {
        return new PlatformFacts(preset, translation, found);
    }
}
