package dev.postern.virtio.fake;

import java.util.List;

/**
 * A request as the disk saw it.
 *
 * @param chain the chain it came in
 * @param type 0 IN, 1 OUT, 4 FLUSH, 8 GET_ID as in struct virtio_blk_req
 * @param sector of 512 bytes
 * @param data the buffers between header and status
 * @param status where the status byte goes
 */
public record DiskRequest(SeenChain chain, int type, long sector, List<SeenBuffer> data, SeenBuffer status) {

    /** Bytes of data. */
    public long bytes() {
        return data.stream().mapToLong(SeenBuffer::length).sum();
    }

    /** What an honest device says it wrote: the data of a read, and the status. */
    public int honestLength() {
        return (int) chain.writableBytes();
    }
}
