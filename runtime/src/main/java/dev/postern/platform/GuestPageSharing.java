package dev.postern.platform;

import dev.postern.memory.PhysRange;
import java.util.List;

/** What all mechanisms have in common: the memory that may be shared, and the unit in which it is. */
abstract class GuestPageSharing implements PageSharing {

    private final long granule;
    private final List<PhysRange> shareable;

    /**
     * A mechanism.
     *
     * @param granule in bytes, a power of two of at least 4096
     * @param shareable the memory that may be shared
     */
    GuestPageSharing(long granule, List<PhysRange> shareable) {
        this.granule = granule;
        this.shareable = List.copyOf(shareable);
    }

    @Override
    public final long granuleBytes() {
        return granule;
    }

    @Override
    public final List<PhysRange> shareable() {
        return shareable;
    }

    /** The same address: where shared memory is moved, the mechanism says so itself. */
    @Override
    public long sharedAlias(long pa) {
        return pa;
    }
}
