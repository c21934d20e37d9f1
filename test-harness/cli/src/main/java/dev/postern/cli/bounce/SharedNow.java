package dev.postern.cli.bounce;

import dev.postern.platform.SharedMemory;
import dev.postern.platform.SharedPurpose;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What is shared with devices at the end of the work, before the guest shuts down.
 *
 * @param bytes all of it, as the guest has it
 * @param pageBytes the unit of sharing
 * @param byPurpose bytes by what they are for
 * @param hostBytes all of it as the host has it; empty where the host has no such notion
 * @param lostBytes which the platform refused to change, and nobody uses any more
 */
public record SharedNow(
        long bytes, long pageBytes, Map<SharedPurpose, Long> byPurpose, OptionalLong hostBytes, long lostBytes) {

    /** Copies the map. */
    public SharedNow {
        byPurpose = Map.copyOf(byPurpose);
    }

    static SharedNow of(SharedMemory shared, OptionalLong hostBytes) {
        return new SharedNow(
                shared.sharedBytes(),
                shared.sharing().granuleBytes(),
                shared.bytesByPurpose(),
                hostBytes,
                shared.lostBytes());
    }

    /** How many pages. */
    public long pages() {
        return bytes / pageBytes;
    }
}
