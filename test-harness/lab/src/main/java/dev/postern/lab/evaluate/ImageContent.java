package dev.postern.lab.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;

/** What the image of a disk has to hold: random bytes at first, then what was reported as written. One thread uses it. */
final class ImageContent {

    /** Bytes of a sector. */
    static final int SECTOR = 512;

    private final byte[] bytes;
    /** Sectors of a write that failed: the device may have written some of it. */
    private final BitSet doubtful = new BitSet();

    /**
     * The content at first.
     *
     * @param seed decides every byte
     */
    ImageContent(long seed, int sectors) {
        bytes = new byte[sectors * SECTOR];
        new SplittableRandom(seed).nextBytes(bytes);
    }

    /** All of it, as it has to be now; a copy. */
    byte[] bytes() {
        return bytes.clone();
    }

    int sectors() {
        return bytes.length / SECTOR;
    }

    /** A write that was reported as done. */
    void written(int sector, byte[] data) {
        System.arraycopy(data, 0, bytes, sector * SECTOR, data.length);
        doubtful.clear(sector, sector + data.length / SECTOR);
    }

    /** A write that failed. */
    void doubt(int sector, int count) {
        doubtful.set(sector, sector + count);
    }

    /**
     * Runs of sectors in which bytes are not as they have to be; doubtful ones are passed over.
     *
     * @param sector where {@code read} begins
     * @param read whole sectors
     */
    List<String> differences(int sector, byte[] read) {
        BitSet wrong = new BitSet();
        for (int i = 0; i < read.length / SECTOR; i++) {
            int at = (sector + i) * SECTOR;
            if (!doubtful.get(sector + i)
                    && !Arrays.equals(bytes, at, at + SECTOR, read, i * SECTOR, (i + 1) * SECTOR)) {
                wrong.set(sector + i);
            }
        }
        List<String> runs = new ArrayList<>();
        for (int from = wrong.nextSetBit(0); from >= 0; ) {
            int to = wrong.nextClearBit(from);
            runs.add(to - from == 1 ? "sector %d".formatted(from) : "sectors %d to %d".formatted(from, to - 1));
            from = wrong.nextSetBit(to);
        }
        return runs;
    }
}
