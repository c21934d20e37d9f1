package dev.postern.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PhysRangeTest {

    @ParameterizedTest
    @CsvSource({"-1,1", "0,0", "0,-1", "0x7fffffffffffffff,1", "1,0x7fffffffffffffff"})
    void aRangeThatIsEmptyOrLeavesTheAddressSpaceIsRefused(String base, String length) {
        long basePa = Long.decode(base);
        long bytes = Long.decode(length);
        assertThrows(IllegalArgumentException.class, () -> new PhysRange(basePa, bytes));
    }

    @Test
    void containsKnowsItsEdges() {
        PhysRange range = new PhysRange(0x1000, 0x1000);
        assertTrue(range.contains(0x1000));
        assertTrue(range.contains(0x1fff));
        assertFalse(range.contains(0xfff));
        assertFalse(range.contains(0x2000));
        assertTrue(range.contains(0x1000, 0x1000));
        assertFalse(range.contains(0x1001, 0x1000));
        assertFalse(range.contains(0x1800, Long.MAX_VALUE));
        assertFalse(range.contains(0x1800, -1));
        assertTrue(range.contains(new PhysRange(0x1fff, 1)));
    }

    @Test
    void neighboursDoNotOverlap() {
        PhysRange range = new PhysRange(0x1000, 0x1000);
        assertFalse(range.overlaps(new PhysRange(0, 0x1000)));
        assertFalse(range.overlaps(new PhysRange(0x2000, 1)));
        assertTrue(range.overlaps(new PhysRange(0, 0x1001)));
        assertTrue(range.overlaps(new PhysRange(0x1fff, 1)));
        assertTrue(range.overlaps(new PhysRange(0, 0x10000)));
    }

    @Test
    void itPrintsFirstAndLastAddress() {
        assertEquals("0x1000-0x1fff", PhysRange.between(0x1000, 0x2000).toString());
    }
}
