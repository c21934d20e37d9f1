package dev.postern.dma.backend;

import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/**
 * Bytes that no one wrote, recognisable and different from page to page. Every byte has its top bit set, so that poison
 * is never zero, never a status that means success, and as a length or index it is far out of range.
 *
 * <p>Each page shows one page-long part of a table of random bytes; which one depends on its address. So pages are
 * filled and compared at the speed of a copy.
 */
final class PoisonPattern {

    private static final int PAGE = 4096;

    private final MemorySegment table;

    PoisonPattern(long seed) {
        byte[] bytes = new byte[2 * PAGE];
        new SplittableRandom(seed).nextBytes(bytes);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] |= (byte) 0x80;
        }
        table = MemorySegment.ofArray(bytes);
    }

    /** Poisons bytes; {@code pa} is the address of the first one. */
    void fill(MemorySegment segment, long pa) {
        for (long at = 0; at < segment.byteSize(); ) {
            MemorySegment poison = restOfPage(pa + at, segment.byteSize() - at);
            MemorySegment.copy(poison, 0, segment, at, poison.byteSize());
            at += poison.byteSize();
        }
    }

    /** The index of the first byte that is not poison, or -1; {@code pa} is the address of the first one. */
    long firstOther(MemorySegment segment, long pa) {
        for (long at = 0; at < segment.byteSize(); ) {
            MemorySegment poison = restOfPage(pa + at, segment.byteSize() - at);
            long other = segment.asSlice(at, poison.byteSize()).mismatch(poison);
            if (other >= 0) {
                return at + other;
            }
            at += poison.byteSize();
        }
        return -1;
    }

    /** The poison from an address to the end of its page, but no more than {@code most} bytes. */
    private MemorySegment restOfPage(long pa, long most) {
        long inPage = pa & (PAGE - 1);
        // A multiplicative hash of the page number; the odd constant is 2^64 divided by the golden ratio.
        long start = (pa / PAGE * 0x9e37_79b9_7f4a_7c15L) >>> 52;
        return table.asSlice(start + inPage, Math.min(most, PAGE - inPage));
    }
}
