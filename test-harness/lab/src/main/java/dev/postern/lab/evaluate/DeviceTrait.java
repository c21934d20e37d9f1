package dev.postern.lab.evaluate;

import dev.postern.facts.Fact;
import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What is special about a device beside the features that it offers. Whoever boots vouches for it, as firmware would. */
public enum DeviceTrait {
    /** Nothing. */
    ORDINARY(64, Map.of()),
    /** It drives 32 address bits. */
    NARROW(32, Map.of(FactName.ADDRESS_BITS, "32")),
    /** It is plugged into a port that faces outside, so that it is not trusted. */
    EXTERNAL(64, Map.of(FactName.PORT, "external-facing"));

    private final int addressBits;
    private final FactSheet claims;

    DeviceTrait(int addressBits, Map<FactName, String> facts) {
        this.addressBits = addressBits;
        FactSheet sheet = FactSheet.EMPTY;
        for (Map.Entry<FactName, String> fact : facts.entrySet()) {
            sheet = sheet.with(
                    fact.getKey(), Fact.of(fact.getValue(), "claim: the device is " + name().toLowerCase(Locale.ROOT)));
        }
        claims = sheet;
    }

    /** The word for it in the id of a cell. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** How many low bits of an address the device really drives. */
    public int addressBits() {
        return addressBits;
    }

    /** What the guest is told about the device. */
    public FactSheet claims() {
        return claims;
    }

    /** The trait of a word; empty when there is none. */
    public static Optional<DeviceTrait> named(String word) {
        return Arrays.stream(values())
                .filter(trait -> trait.word().equals(word))
                .findFirst();
    }
}
