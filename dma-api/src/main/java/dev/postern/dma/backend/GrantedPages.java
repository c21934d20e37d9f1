package dev.postern.dma.backend;

import dev.postern.dma.DmaMappingException;
import dev.postern.dma.PoolFullException;
import dev.postern.dma.bounce.PageAddresses;
import dev.postern.memory.OutOfFramesException;
import dev.postern.memory.PhysRange;
import dev.postern.xen.GrantTable;
import dev.postern.xen.XenException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Runs of pages that are granted to the back-end of one device. A device address is bit 63, then the first reference from bit 12 on, then
 * the offset in the page; pages of a run have references that follow each other, so one address spans it (Linux {@code
 * drivers/xen/grant-dma-ops.c}).
 *
 * <p>A back-end that keeps a page mapped after its grant was ended has broken the rules (XSA-396): the page is lost on purpose, and
 * nothing is granted to that back-end any more, as Linux does it.
 */
final class GrantedPages implements PageAddresses {

    /** Says that an address is one of grants. */
    static final long GRANTED = 1L << 63;

    /**
     * References of one run follow each other, and a table that was used for a while has few long rows. So many bytes need 17 of them,
     * and the smallest table has 512.
     */
    private static final long LONGEST_RUN = 64 << 10;

    /** With its header and status, a request takes less than half of the smallest table, however its parts lie in their pages. */
    private static final long MOST_TOGETHER = 8 * LONGEST_RUN;

    private static final int PAGE_SHIFT = Integer.numberOfTrailingZeros(GrantTable.PAGE_BYTES);
    private static final long OFFSET_MASK = GrantTable.PAGE_BYTES - 1;

    private final GrantTable grants;
    private final String device;
    private final List<String> kept = new ArrayList<>();
    /** Whether anything is kept; read for every mapping. */
    private volatile boolean broken;

    /**
     * Nothing is granted yet.
     *
     * @param grants of the back-end's domain
     * @param device what messages call the device
     */
    GrantedPages(GrantTable grants, String device) {
        this.grants = grants;
        this.device = device;
    }

    /**
     * How many pages a range touches.
     *
     * @param address of the range, guest-physical or of the device
     */
    static int pages(long address, long length) {
        return (int) ((address & OFFSET_MASK) + length + OFFSET_MASK >>> PAGE_SHIFT);
    }

    /**
     * Grants the pages of a range. Allocates nothing unless it fails.
     *
     * @return the device address of the first byte of the range
     * @throws PoolFullException when so many references in a row are not free now
     * @throws DmaMappingException when the back-end kept something
     */
    long grant(long pa, long length, GrantTable.Access access) {
        if (broken) {
            throw new DmaMappingException(
                    "DMA: %s: nothing more is granted, because the back-end still uses %s, whose grant was ended: restart the back-end and the device"
                            .formatted(device, kept().getFirst()));
        }
        int pages = pages(pa, length);
        try {
            long reference = grants.grantRun(pa & ~OFFSET_MASK, pages, access);
            return GRANTED | reference << PAGE_SHIFT | pa & OFFSET_MASK;
        } catch (OutOfFramesException e) {
            throw new PoolFullException("DMA: %s: the grant table has no room for %d pages in a row now: %s"
                    .formatted(device, pages, e.getMessage()));
        } catch (XenException e) {
            throw new DmaMappingException("DMA: %s: Xen grants nothing there: %s".formatted(device, e.getMessage()));
        }
    }

    /**
     * Ends the grants of a range.
     *
     * @param dva what {@link #grant} returned
     * @param length as it was granted
     * @return whether the pages may be used again; if not, they are kept
     * @throws IllegalArgumentException when the table notices that they are not granted
     */
    boolean end(long dva, long length) {
        int pages = pages(dva, length);
        if (grants.end((int) (dva >>> PAGE_SHIFT), pages)) {
            return true;
        }
        synchronized (kept) {
            kept.add("device address 0x%x, %d bytes".formatted(dva, length));
        }
        broken = true;
        return false;
    }

    /** A grant reaches any page. */
    @Override
    public Optional<String> unreachable(PhysRange pages) {
        return Optional.empty();
    }

    @Override
    public long alwaysFollowing() {
        return LONGEST_RUN;
    }

    @Override
    public long mostTogether() {
        return MOST_TOGETHER;
    }

    @Override
    public long open(PhysRange pages) {
        return grant(pages.basePa(), pages.length(), GrantTable.Access.READ_WRITE);
    }

    @Override
    public boolean close(PhysRange pages, long deviceAddress) {
        return end(deviceAddress, pages.length());
    }

    @Override
    public List<String> kept() {
        synchronized (kept) {
            return List.copyOf(kept);
        }
    }
}
