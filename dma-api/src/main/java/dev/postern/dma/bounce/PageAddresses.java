package dev.postern.dma.bounce;

import dev.postern.dma.DmaMappingException;
import dev.postern.dma.PoolFullException;
import dev.postern.memory.PhysRange;
import java.util.List;
import java.util.Optional;

/**
 * How one device addresses whole pages, and what has to be done so that it may. Asked for on cold paths alone, when a share gets
 * pages of a pool or a context a coherent buffer; never for a mapping.
 *
 * <p><b>Threads:</b> calls come from any thread, and a pool makes them with its lock held: an implementation calls no pool.
 */
public interface PageAddresses {

    /**
     * Why the device cannot use some page of a range, with a remedy, such as {@code beyond its 32 address bits: make the pool of
     * lower memory}; empty when it can use all.
     *
     * @param pages whole pages
     */
    Optional<String> unreachable(PhysRange pages);

    /**
     * How many bytes, from the first, have device addresses that follow each other.
     *
     * @param pages whole pages
     */
    default long following(PhysRange pages) {
        return pages.length();
    }

    /** The longest block in bytes that can be had with device addresses that follow each other, wherever it lies; at least a page. */
    default long alwaysFollowing() {
        return Long.MAX_VALUE;
    }

    /** How many bytes can be open at one time for sure; at least {@link #alwaysFollowing()}. */
    default long mostTogether() {
        return Long.MAX_VALUE;
    }

    /**
     * Lets the device at pages.
     *
     * @param pages whole pages that hold what the device may see, and whose addresses follow each other
     * @return the device address of the first byte
     * @throws PoolFullException when that is not possible now, and will be after others are closed
     * @throws DmaMappingException when it is not possible
     */
    long open(PhysRange pages);

    /**
     * Ends that.
     *
     * @param pages as they were opened
     * @param deviceAddress what {@link #open} returned
     * @return whether the pages may be used again; if not, they are among {@link #kept} from now on
     */
    boolean close(PhysRange pages, long deviceAddress);

    /** What the other side kept after it was closed, in words; a copy. Nothing of it must be used again. */
    default List<String> kept() {
        return List.of();
    }
}
