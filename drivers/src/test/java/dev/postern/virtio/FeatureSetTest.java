package dev.postern.virtio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Sets of feature bits, against their meaning as sets. */
class FeatureSetTest {

    @Test
    void everyBitFrom0To127CanBeInASetAlone() {
        for (int bit = 0; bit < 128; bit++) {
            FeatureSet set = FeatureSet.of(bit);
            assertEquals(List.of(bit), set.bits().boxed().toList());
            for (int other = -1; other <= 129; other++) {
                assertEquals(other == bit, set.has(other));
            }
        }
        assertFalse(new FeatureSet(-1, -1).has(128));
        assertFalse(new FeatureSet(-1, -1).has(-1));
    }

    @Test
    void bitsThatNoSetCanHoldAreRefused() {
        for (int bit : new int[] {-1, 128, 1 << 30}) {
            assertThrows(IllegalArgumentException.class, () -> FeatureSet.of(bit));
        }
    }

    @Test
    void setsAreCombinedBitByBitInBothWords() {
        FeatureSet a = FeatureSet.of(0, 31, 32, 63, 64, 127);
        FeatureSet b = FeatureSet.of(0, 33, 63, 65, 127);
        assertEquals(FeatureSet.of(0, 63, 127), a.intersect(b));
        assertEquals(FeatureSet.of(0, 31, 32, 33, 63, 64, 65, 127), a.union(b));
        assertEquals(FeatureSet.of(31, 32, 64), a.minus(b));
        assertTrue(a.containsAll(FeatureSet.of(32, 64)));
        assertFalse(a.containsAll(b));
        assertTrue(a.containsAll(FeatureSet.EMPTY));
    }

    @Test
    void pagesAreThe32BitWindowsOfATransport() {
        FeatureSet set = FeatureSet.of(0, 31, 32, 63, 64, 95, 96, 127);
        for (int page = 0; page < 4; page++) {
            assertEquals(0x8000_0001, set.page(page));
        }
        assertEquals(0, set.page(4));
        assertEquals(0, set.page(-1));
        assertEquals(set, FeatureSet.ofPages(0x8000_0001, 0x8000_0001, 0x8000_0001, 0x8000_0001));
        assertEquals(FeatureSet.of(31), FeatureSet.ofPages(0x8000_0000, 0, 0, 0), "no sign spreads");
        assertEquals(FeatureSet.of(95), FeatureSet.ofPages(0, 0, 0x8000_0000, 0));
    }

    @Test
    void aSetIsShownAsOneNumber() {
        assertEquals("0x100000001", FeatureSet.of(0, 32).toString());
        assertEquals("0x10000000000000001", FeatureSet.of(0, 64).toString());
    }
}
