package dev.postern.quirks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.facts.Fact;
import org.junit.jupiter.api.Test;

final class FactSheetTest {

    private static final FactSheet XEN = FactSheet.EMPTY.with(FactName.XEN, Fact.of("pv", "test"));

    @Test
    void aSheetInTheMakingLeavesTheOneItBeganWithAsItWas() {
        FactSheet more = XEN.toBuilder()
                .with(FactName.XEN, Fact.of("hvm", "later"))
                .with(FactName.ADDRESS_BITS, Fact.of("32", "later"))
                .build();
        assertEquals("pv", XEN.value(FactName.XEN));
        assertEquals("hvm", more.value(FactName.XEN));
        assertEquals(32, more.number(FactName.ADDRESS_BITS));
        assertTrue(FactSheet.EMPTY.known().isEmpty());
    }

    @Test
    void aBuilderIsOfNoUseOnceItsSheetIsThere() {
        FactSheet.Builder builder = XEN.toBuilder();
        builder.build();
        assertThrows(NullPointerException.class, builder::build);
        assertThrows(NullPointerException.class, () -> builder.with(FactName.XEN, Fact.of("none", "late")));
    }

    @Test
    void aValueThatTheFactCannotHaveIsRefusedWithThoseItCan() {
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> XEN.toBuilder().with(FactName.XEN, Fact.of("dom0", "test")))
                .getMessage();
        assertEquals("xen is \"dom0\": give one of [none, hvm, pv]", message);
    }

    @Test
    void theOtherSheetHasTheLastWord() {
        FactSheet other = FactSheet.EMPTY.with(FactName.XEN, Fact.of("hvm", "other"));
        assertEquals("hvm", XEN.with(other).value(FactName.XEN));
        assertEquals(XEN, XEN.with(FactSheet.EMPTY));
        assertEquals(XEN, FactSheet.EMPTY.with(XEN));
        assertThrows(UnsupportedOperationException.class, () -> XEN.known().clear());
    }
}
