package dev.postern.emulated.dma;

import dev.postern.emulated.ReadSighting;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Searches what devices read for watched byte strings, also where one spans consecutive reads of a function. */
public final class ReadScanner {

    /** A device that reads a needle in a loop must not fill the heap. */
    private static final int MOST_SIGHTINGS = 1000;

    private final List<Watched> watched = new ArrayList<>();
    private final Map<Integer, byte[]> tails = new HashMap<>();
    private int longest;

    private record Watched(byte[] needle, List<ReadSighting> sightings) {}

    /** A scanner that watches nothing yet. */
    public ReadScanner() {
        // Needles are added as the guest makes them.
    }

    /** Searches for a needle from now on. */
    public void watch(byte[] needle) {
        if (needle.length == 0) {
            throw new IllegalArgumentException("an empty needle is everywhere: give at least 1 byte");
        }
        if (find(needle) == null) {
            watched.add(new Watched(needle.clone(), new ArrayList<>()));
            longest = Math.max(longest, needle.length);
        }
    }

    /** Where a watched needle was read. */
    public List<ReadSighting> sightings(byte[] needle) {
        Watched found = find(needle);
        if (found == null) {
            throw new IllegalArgumentException("this needle is not watched: call watch() before the device reads");
        }
        return List.copyOf(found.sightings());
    }

    private Watched find(byte[] needle) {
        for (Watched one : watched) {
            if (Arrays.equals(one.needle(), needle)) {
                return one;
            }
        }
        return null;
    }

    /** A device read these bytes. */
    void read(int requesterId, long dva, MemorySegment bytes) {
        if (watched.isEmpty()) {
            return;
        }
        byte[] tail = tails.getOrDefault(requesterId, new byte[0]);
        int length = Math.toIntExact(tail.length + bytes.byteSize());
        byte[] joined = Arrays.copyOf(tail, length);
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, 0, joined, tail.length, length - tail.length);
        MemorySegment memory = MemorySegment.ofArray(joined);
        for (Watched one : watched) {
            // What lies in the tail alone was found when it was read.
            long from = Math.max(0, tail.length - one.needle().length + 1);
            for (long at = ByteSearch.find(memory, one.needle(), from);
                    at >= 0;
                    at = ByteSearch.find(memory, one.needle(), at + 1)) {
                if (one.sightings().size() < MOST_SIGHTINGS) {
                    long lastByte = at + one.needle().length - 1 - tail.length;
                    one.sightings().add(new ReadSighting(requesterId, dva + lastByte));
                }
            }
        }
        tails.put(requesterId, Arrays.copyOfRange(joined, Math.max(0, length - longest + 1), length));
    }
}
