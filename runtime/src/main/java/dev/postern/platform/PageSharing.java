package dev.postern.platform;

import dev.postern.memory.PhysRange;
import java.util.List;

/**
 * How pages of a secure guest are made visible to its devices, and private again. A change destroys the contents of the pages:
 * nothing may rely on what they held.
 *
 * <p>Only ranges that are wholly in one state are changed, and only inside {@link #shareable()}. One thread at a time.
 */
public interface PageSharing {

    /** The mechanism in a few words, for the log. */
    String mechanism();

    /** The unit of sharing in bytes, a power of two of at least 4096. */
    long granuleBytes();

    /** The RAM from which shared memory may be taken. */
    List<PhysRange> shareable();

    /**
     * The address by which a device reaches a shared byte. It differs from the guest-physical address where the platform moves
     * shared memory to an alias.
     */
    long sharedAlias(long pa);

    /**
     * Makes private pages visible to devices.
     *
     * @param pages whole granules, private
     * @throws SharingFailedException when the platform refuses; it says up to where the pages are shared
     */
    void share(PhysRange pages) throws SharingFailedException;

    /**
     * Makes shared pages private.
     *
     * @param pages whole granules, shared
     * @throws SharingFailedException when the platform refuses; it says up to where the pages are private
     */
    void unshare(PhysRange pages) throws SharingFailedException;
}
