package dev.postern.emulated.dma;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Finds a string of bytes in memory. */
public final class ByteSearch {

    private ByteSearch() {}

    /**
     * The first place at or after {@code from} where a needle begins.
     *
     * @param needle at least 1 byte
     * @return an offset into {@code memory}, or -1
     */
    public static long find(MemorySegment memory, byte[] needle, long from) {
        long last = memory.byteSize() - needle.length;
        for (long at = from; at <= last; at++) {
            if (memory.get(ValueLayout.JAVA_BYTE, at) == needle[0] && matches(memory, needle, at)) {
                return at;
            }
        }
        return -1;
    }

    private static boolean matches(MemorySegment memory, byte[] needle, long at) {
        for (int i = 1; i < needle.length; i++) {
            if (memory.get(ValueLayout.JAVA_BYTE, at + i) != needle[i]) {
                return false;
            }
        }
        return true;
    }
}
