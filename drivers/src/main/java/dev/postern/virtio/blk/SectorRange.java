package dev.postern.virtio.blk;

/**
 * A range of a disk.
 *
 * @param first its first sector of 512 bytes
 * @param count how many sectors, at least 1
 */
public record SectorRange(long first, long count) {

    /** The sector behind the last; meaningless for a range that lies on no disk. */
    long end() {
        return first + count;
    }
}
