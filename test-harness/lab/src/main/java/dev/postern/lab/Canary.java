package dev.postern.lab;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/** Bytes that lie in private memory and that no device may ever see. */
public final class Canary {

    /** Long enough not to occur by chance, short enough to fit beside a sector. */
    public static final int BYTES = 32;

    private final byte[] needle = new byte[BYTES];

    /** One of its own for each seed. */
    public Canary(long seed) {
        new SplittableRandom(seed).nextBytes(needle);
    }

    /** What to search for. */
    public byte[] needle() {
        return needle.clone();
    }

    /** Fills memory with as many as fit. */
    public void plant(MemorySegment memory) {
        long whole = memory.byteSize() & -BYTES;
        if (whole > 0) {
            MemorySegment.copy(needle, 0, memory, ValueLayout.JAVA_BYTE, 0, BYTES);
        }
        // What is there is copied behind itself, twice as much each time.
        for (long done = BYTES; done < whole; done *= 2) {
            MemorySegment.copy(memory, 0, memory, done, Math.min(done, whole - done));
        }
    }
}
