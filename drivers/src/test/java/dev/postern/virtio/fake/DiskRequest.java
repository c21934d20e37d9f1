package dev.postern.virtio.fake;

import java.util.List;

/**
 * A request as the disk saw it.
 *
 * @param queue the queue it came in
 * @param chain the chain it came in
 * @param type 0 IN, 1 OUT, 4 FLUSH, 8 GET_ID and others as in struct virtio_blk_req
 * @param sector of 512 bytes
 * @param data the buffers between header and status
 * @param ranges what the data says, for requests about ranges; else empty
 * @param status where the status byte goes
 */
public record DiskRequest(
        int queue,
        SeenChain chain,
        int type,
        long sector,
        List<SeenBuffer> data,
        List<DiskRange> ranges,
        SeenBuffer status) {

    /** Bytes of data. */
    public long bytes() {
        return data.stream().mapToLong(SeenBuffer::length).sum();
    }

    /** What an honest device says it wrote: the data of a read, and the status. */
    public int honestLength() {
        return (int) chain.writableBytes();
    }
}
