package dev.postern.virtio.fake;

import java.util.List;
import java.util.Optional;

/**
 * One chain as the device saw it.
 *
 * @param head the ring entry that started it
 * @param tableEntry the descriptor that named an indirect table, when there was one
 * @param buffers its buffers in order, those of the table in place of the entry that names it
 */
public record SeenChain(int head, Optional<SeenBuffer> tableEntry, List<SeenBuffer> buffers) {

    /** Bytes the device may write. */
    public long writableBytes() {
        return buffers.stream()
                .filter(SeenBuffer::writable)
                .mapToLong(SeenBuffer::length)
                .sum();
    }

    /** The last buffer. */
    public SeenBuffer last() {
        return buffers.getLast();
    }
}
