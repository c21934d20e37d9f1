package dev.postern.dma.bounce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class SizeClassTest {

    @Test
    void everyLengthGetsTheSmallestSlotThatHoldsIt() {
        int sizeClass = 0;
        for (int bytes = 1; bytes <= SizeClass.LARGEST; bytes++) {
            if (bytes > SizeClass.bytes(sizeClass)) {
                sizeClass++;
            }
            assertEquals(sizeClass, SizeClass.of(bytes), bytes + " bytes");
        }
        assertEquals(SizeClass.COUNT - 1, sizeClass);
    }

    @Test
    void everySizeIsAPowerOfTwo() {
        for (int sizeClass = 0; sizeClass < SizeClass.COUNT; sizeClass++) {
            assertTrue(Integer.bitCount(SizeClass.bytes(sizeClass)) == 1);
        }
    }
}
