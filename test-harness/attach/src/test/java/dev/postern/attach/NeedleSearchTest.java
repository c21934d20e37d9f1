package dev.postern.attach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NeedleSearchTest {

    private static final byte[] NEEDLE = "needle: \0\1\2".getBytes(StandardCharsets.ISO_8859_1);

    private static NeedleSearch.Reader over(byte[] bytes, long base, int most) {
        return (at, into, offset, length) -> {
            int from = (int) (at - base);
            int read = Math.min(Math.min(length, most), bytes.length - from);
            if (read > 0) {
                System.arraycopy(bytes, from, into, offset, read);
            }
            return read;
        };
    }

    @Test
    void everyOccurrenceIsFoundWhateverTheSizeOfThePieces() throws IOException {
        long seed = 42;
        Random random = new Random(seed);
        byte[] bytes = new byte[40_000];
        random.nextBytes(bytes);
        List<Long> expected = new ArrayList<>();
        for (int at = random.nextInt(50); at + NEEDLE.length <= bytes.length; at += 11 + random.nextInt(700)) {
            System.arraycopy(NEEDLE, 0, bytes, at, NEEDLE.length);
            expected.add(1000L + at);
        }
        for (int most : new int[] {1, 7, NEEDLE.length - 1, NEEDLE.length, 4096, 1 << 20}) {
            List<Long> found = new NeedleSearch(NEEDLE).in(1000, 1000 + bytes.length, over(bytes, 1000, most));
            assertEquals(expected, found, "seed " + seed + ", pieces of " + most);
        }
    }

    @Test
    void anOccurrenceAcrossTheLimitOfALargePieceIsFoundOnce() throws IOException {
        byte[] bytes = new byte[(2 << 20) + 100];
        List<Long> expected = new ArrayList<>();
        for (int at : new int[] {0, (1 << 20) - 5, (2 << 20) - 1, bytes.length - NEEDLE.length}) {
            System.arraycopy(NEEDLE, 0, bytes, at, NEEDLE.length);
            expected.add((long) at);
        }
        assertEquals(expected, new NeedleSearch(NEEDLE).in(0, bytes.length, over(bytes, 0, Integer.MAX_VALUE)));
    }

    @Test
    void overlappingOccurrencesAreAllFound() throws IOException {
        byte[] bytes = new byte[12];
        Arrays.fill(bytes, (byte) 7);
        assertEquals(
                List.of(0L, 1L, 2L, 3L, 4L), new NeedleSearch(Arrays.copyOf(bytes, 8)).in(0, 12, over(bytes, 0, 5)));
    }

    @Test
    void theSearchEndsWhereNothingCanBeRead() throws IOException {
        byte[] bytes = Arrays.copyOf(NEEDLE, 64);
        assertEquals(List.of(0L), new NeedleSearch(NEEDLE).in(0, 1 << 30, over(bytes, 0, 16)));
    }

    @Test
    void aNeedleThatWouldBeFoundByChanceIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new NeedleSearch(new byte[7]));
    }
}
