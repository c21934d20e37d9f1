package dev.postern.platform;

import dev.postern.memory.PhysRange;
import java.util.List;

/**
 * A mechanism that changes one granule after the other, in ascending order: so a refusal names its granule, and what lies behind was not
 * touched.
 */
abstract class GranuleSharing extends GuestPageSharing {

    GranuleSharing(long granule, List<PhysRange> shareable) {
        super(granule, shareable);
    }

    @Override
    public final void share(PhysRange pages) throws SharingFailedException {
        for (long pa = pages.basePa(); pa < pages.endPa(); pa += granuleBytes()) {
            share(pa);
        }
    }

    @Override
    public final void unshare(PhysRange pages) throws SharingFailedException {
        for (long pa = pages.basePa(); pa < pages.endPa(); pa += granuleBytes()) {
            unshare(pa);
        }
    }

    /** Makes the private granule at an address visible to devices. */
    abstract void share(long pa) throws SharingFailedException;

    /** Makes the shared granule at an address private. */
    abstract void unshare(long pa) throws SharingFailedException;
}
