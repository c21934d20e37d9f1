package dev.postern.lab.evaluate;

import dev.postern.lab.Canary;
import dev.postern.memory.PhysRange;
import dev.postern.memory.PhysicalMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A buffer of requests whose neighbours in its pages are canaries.
 *
 * @param place where it lies, in words
 * @param run whole frames
 * @param offset of the buffer in them
 * @param bytes its length, whole sectors
 */
record Buffer(String place, PhysRange run, int offset, int bytes) {

    /** Guest-physical address of its first byte. */
    long pa() {
        return run.basePa() + offset;
    }

    int sectors() {
        return bytes / ImageContent.SECTOR;
    }

    /** What lies in its pages beside it. */
    List<PhysRange> neighbours() {
        List<PhysRange> ranges = new ArrayList<>();
        if (offset > 0) {
            ranges.add(PhysRange.between(run.basePa(), pa()));
        }
        if (pa() + bytes < run.endPa()) {
            ranges.add(PhysRange.between(pa() + bytes, run.endPa()));
        }
        return ranges;
    }

    /** Fills the buffer and its neighbourhood with canaries. */
    void plant(PhysicalMemory memory, Canary canary) {
        canary.plant(memory.slice(run.basePa(), run.length()));
    }

    void put(PhysicalMemory memory, byte[] data) {
        MemorySegment.copy(data, 0, memory.slice(pa(), bytes), ValueLayout.JAVA_BYTE, 0, bytes);
    }

    byte[] get(PhysicalMemory memory) {
        return memory.slice(pa(), bytes).toArray(ValueLayout.JAVA_BYTE);
    }

    /** Where a neighbour of the buffer changed, in one line; empty when none did. */
    Optional<String> damage(PhysicalMemory memory, Canary canary) {
        byte[] now = memory.slice(run.basePa(), run.length()).toArray(ValueLayout.JAVA_BYTE);
        byte[] untouched = new byte[now.length];
        canary.plant(MemorySegment.ofArray(untouched));
        System.arraycopy(now, offset, untouched, offset, bytes);
        int wrong = Arrays.mismatch(now, untouched);
        return wrong < 0
                ? Optional.empty()
                : Optional.of("the neighbour of %s changed at 0x%x".formatted(this, run.basePa() + wrong));
    }

    @Override
    public String toString() {
        return "a buffer %s, 0x%x and %d bytes".formatted(place, pa(), bytes);
    }
}
