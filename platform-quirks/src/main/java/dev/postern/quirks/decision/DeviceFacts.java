package dev.postern.quirks.decision;

import dev.postern.facts.Fact;
import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import java.util.Objects;
import java.util.Set;

/**
 * What is known about a device before its features are negotiated.
 *
 * @param name what the log calls the device, such as {@code blk0}
 * @param offered the reserved features that it offers
 * @param addressBits how many low address bits it drives, 1 to 64
 * @param more other facts about it, by name; those that have a component of their own are taken from there
 */
public record DeviceFacts(String name, Fact<Set<ReservedFeature>> offered, Fact<Integer> addressBits, FactSheet more) {

    /** Rejects values outside their ranges and takes an immutable copy of the set. */
    public DeviceFacts {
        Objects.requireNonNull(name);
        offered = Fact.of(ReservedFeature.copyOf(offered.value()), offered.source());
        if (addressBits.value() < 1 || addressBits.value() > 64) {
            throw new IllegalArgumentException("addressBits of %s is %s: give 1 to 64".formatted(name, addressBits));
        }
        Objects.requireNonNull(more);
    }

    /** A modern PCI device of which nothing else is known. */
    public DeviceFacts(String name, Fact<Set<ReservedFeature>> offered, Fact<Integer> addressBits) {
        this(name, offered, addressBits, FactSheet.EMPTY);
    }

    /** Whether the device offers a feature. */
    public boolean offers(ReservedFeature feature) {
        return offered.value().contains(feature);
    }

    /** The same device with one more fact. */
    public DeviceFacts with(FactName fact, Fact<String> found) {
        return new DeviceFacts(name, offered, addressBits, more.with(fact, found));
    }
}
