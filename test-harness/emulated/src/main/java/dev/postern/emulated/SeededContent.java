package dev.postern.emulated;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The content of a seeded disk: every byte is a function of the seed and its offset, so that a test knows what a guest
 * must read without keeping a copy. The eight bytes at offset 8 * i are, little-endian, SplitMix64 of seed + i.
 */
public final class SeededContent {

    private static final ValueLayout.OfLong LE64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private SeededContent() {}

    /**
     * Fills a segment with the content at an offset.
     *
     * @param seed the disk's
     * @param offset in bytes from the start of the disk, 0 or more
     * @param into all of it is filled; it must be writable
     */
    public static void fill(long seed, long offset, MemorySegment into) {
        long size = into.byteSize();
        long at = 0;
        while (at < size) {
            long position = offset + at;
            if ((position & 7) == 0 && size - at >= 8) {
                into.set(LE64, at, word(seed, position >>> 3));
                at += 8;
            } else {
                into.set(ValueLayout.JAVA_BYTE, at, (byte) (word(seed, position >>> 3) >>> (8 * (position & 7))));
                at++;
            }
        }
    }

    private static long word(long seed, long index) {
        long z = (seed + index) * 0x9e3779b97f4a7c15L;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
