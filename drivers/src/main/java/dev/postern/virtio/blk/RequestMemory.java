package dev.postern.virtio.blk;

import dev.postern.dma.DmaContext;

/**
 * Headers, status bytes and ranges of all requests of a queue, in pages that hold nothing else: what stands beside them in a page
 * could be read by the device (XSA-403), and what the device writes must not fall beside private data.
 *
 * <p>The pages are coherent buffers, made once. Mapping header and status anew for each request would cost two maps and two unmaps,
 * behind an IOMMU two invalidations, and in a bounce pool two slots and two copies, for 17 bytes that hide nothing: they are the
 * driver's words for the device and the device's for the driver. Nor does it protect more. A device that scribbles on headers harms
 * its own requests, since the driver only writes them; one that writes a status early or late could as well write a wrong one in time.
 * What the design asks for is kept: header and status are apart from data and from each other, a status holds an invalid value before
 * each request, and it is copied once before anyone looks at it. Slots are used again only when the device has given the request back
 * or was reset.
 */
final class RequestMemory implements AutoCloseable {

    static final int HEADER_BYTES = 16;
    static final int STATUS_BYTES = 1;
    static final int RANGE_BYTES = 16;

    /** The most ranges of one request. */
    static final int MOST_RANGES = 16;

    /** A cache line: two sides that work on neighbours do not disturb each other. */
    private static final int LINE = 64;

    final SlotMemory headers;
    final SlotMemory statuses;
    /** Null on a disk that takes no ranges. */
    final SlotMemory ranges;

    /** Who sends ranges to the device. */
    enum Ranges {
        NONE,
        SENT
    }

    /**
     * Takes the memory.
     *
     * @throws dev.postern.dma.DmaMappingException when there is none; nothing is kept then
     */
    RequestMemory(DmaContext dma, int requests, Ranges use) {
        headers = new SlotMemory(dma, requests, LINE);
        SlotMemory second = null;
        try {
            second = new SlotMemory(dma, requests, LINE);
            ranges = use == Ranges.SENT ? new SlotMemory(dma, requests, MOST_RANGES * RANGE_BYTES) : null;
        } catch (RuntimeException e) {
            headers.close();
            if (second != null) {
                second.close();
            }
            throw e;
        }
        statuses = second;
    }

    @Override
    public void close() {
        headers.close();
        statuses.close();
        if (ranges != null) {
            ranges.close();
        }
    }
}
