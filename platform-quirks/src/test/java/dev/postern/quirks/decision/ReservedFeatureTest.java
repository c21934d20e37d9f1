package dev.postern.quirks.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Set;
import org.junit.jupiter.api.Test;

final class ReservedFeatureTest {

    /** Bit numbers as the specification has them. */
    @Test
    void bitNumbersAreThoseOfTheSpecification() {
        assertEquals(Set.of(ReservedFeature.VERSION_1), ReservedFeature.in(0x1_0000_0000L));
        assertEquals(Set.of(ReservedFeature.ACCESS_PLATFORM), ReservedFeature.in(0x2_0000_0000L));
        assertEquals(Set.of(ReservedFeature.ORDER_PLATFORM), ReservedFeature.in(0x10_0000_0000L));
    }

    @Test
    void aFeatureWordRoundTripsWithoutTheBitsOfOthers() {
        assertEquals(0x13_0000_0000L, ReservedFeature.bits(ReservedFeature.in(-1L)));
        assertEquals(0, ReservedFeature.bits(ReservedFeature.in(0xffff_ffffL)));
    }
}
