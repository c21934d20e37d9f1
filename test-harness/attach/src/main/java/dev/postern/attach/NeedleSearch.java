package dev.postern.attach;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Finds all occurrences of some bytes in a range that is read piece by piece; also those that lie across two pieces. */
final class NeedleSearch {

    /** Fewer would be found by chance. */
    private static final int SHORTEST = 8;

    private static final int PIECE = 1 << 20;

    private final byte[] needle;

    /** Reads bytes from where they are. */
    interface Reader {

        /**
         * Reads into a part of an array.
         *
         * @return how many bytes were read; 0 or less when there are none to be read at this place
         */
        int read(long at, byte[] into, int offset, int length) throws IOException;
    }

    /**
     * Takes a copy of what is searched.
     *
     * @param needle at least 8 bytes
     */
    NeedleSearch(byte[] needle) {
        if (needle.length < SHORTEST || needle.length > PIECE) {
            throw new IllegalArgumentException("a needle of %d bytes: give %d to %d, for fewer are found by chance"
                    .formatted(needle.length, SHORTEST, PIECE));
        }
        this.needle = needle.clone();
    }

    /** Where the needle begins in the range; the search ends early where nothing can be read. */
    List<Long> in(long from, long to, Reader reader) throws IOException {
        List<Long> found = new ArrayList<>();
        byte[] piece = new byte[PIECE + needle.length];
        int kept = 0;
        long at = from;
        while (at < to) {
            int read = reader.read(at, piece, kept, (int) Math.min(PIECE, to - at));
            if (read <= 0) {
                break;
            }
            int length = kept + read;
            long base = at - kept;
            for (int i = 0; i <= length - needle.length; i++) {
                if (piece[i] == needle[0] && Arrays.equals(piece, i, i + needle.length, needle, 0, needle.length)) {
                    found.add(base + i);
                }
            }
            // One byte less than the needle, so that nothing is found twice.
            kept = Math.min(length, needle.length - 1);
            System.arraycopy(piece, length - kept, piece, 0, kept);
            at += read;
        }
        return found;
    }
}
