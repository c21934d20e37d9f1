package dev.postern.emulated.platform;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Bytes that mean nothing and follow from a seed: fresh pages, and ciphertext. Segments are whole pages. */
final class Noise {

    private static final ValueLayout.OfLong LE64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long STEP = 0x9e3779b97f4a7c15L;

    private Noise() {}

    static void fill(MemorySegment page, long seed) {
        for (long at = 0; at < page.byteSize(); at += 8) {
            page.set(LE64, at, mix(seed + at * STEP));
        }
    }

    /** Whether a page still holds what {@link #fill} put there. */
    static boolean isUntouched(MemorySegment page, long seed) {
        for (long at = 0; at < page.byteSize(); at += 8) {
            if (page.get(LE64, at) != mix(seed + at * STEP)) {
                return false;
            }
        }
        return true;
    }

    /** Each block depends on key, address and plain text alone, as with memory encryption: equal writes look equal. */
    static void encrypt(MemorySegment plain, MemorySegment into, long key, long pa) {
        for (long at = 0; at < into.byteSize(); at += 8) {
            into.set(LE64, at, mix(plain.get(LE64, at) ^ mix(key + (pa + at) * STEP)));
        }
    }

    /** Undoes {@link #encrypt} with the same key and address; both segments may be the same. */
    static void decrypt(MemorySegment cipher, MemorySegment into, long key, long pa) {
        for (long at = 0; at < into.byteSize(); at += 8) {
            into.set(LE64, at, unmix(cipher.get(LE64, at)) ^ mix(key + (pa + at) * STEP));
        }
    }

    /** The finalizer of SplittableRandom's generator: a bijection without a visible pattern. */
    static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /** The inverse of {@link #mix}: each shift is undone by more shifts, each factor by its inverse modulo 2^64. */
    static long unmix(long value) {
        long z = (value ^ (value >>> 31) ^ (value >>> 62)) * 0x319642b2d24d8ec3L;
        z = (z ^ (z >>> 27) ^ (z >>> 54)) * 0x96de1b173f119089L;
        return z ^ (z >>> 30) ^ (z >>> 60);
    }
}
