package dev.postern.emulated;

import dev.postern.emulated.SharedPages.Range;
import java.util.List;

/**
 * Which guest-physical addresses a device could reach at one moment, ascending, adjacent ones joined. A device that may not master the
 * bus reaches nothing.
 *
 * @param readable what it could fetch
 * @param writable where it could store
 */
public record DeviceReach(List<Range> readable, List<Range> writable) {

    /** Keeps copies. */
    public DeviceReach {
        readable = List.copyOf(readable);
        writable = List.copyOf(writable);
    }

    /** Whether one of the readable ranges holds all of a range. */
    public boolean canRead(long pa, long length) {
        return holds(readable, pa, length);
    }

    /** Whether one of the writable ranges holds all of a range. */
    public boolean canWrite(long pa, long length) {
        return holds(writable, pa, length);
    }

    private static boolean holds(List<Range> ranges, long pa, long length) {
        return ranges.stream()
                .anyMatch(range -> pa >= range.basePa()
                        && length <= range.length()
                        && pa - range.basePa() <= range.length() - length);
    }
}
