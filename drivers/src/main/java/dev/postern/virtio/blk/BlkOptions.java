package dev.postern.virtio.blk;

/**
 * How a disk is driven.
 *
 * @param mostQueues the most request queues to use, 1 to {@value #MOST_QUEUES}; a device with fewer is used with those
 */
public record BlkOptions(int mostQueues) {

    /** Beyond it queues cost memory and bring nothing to one thread. */
    public static final int MOST_QUEUES = 16;

    /** What a disk is driven with when nobody asks for anything else. */
    public static final BlkOptions USUAL = new BlkOptions(4);

    /** Checks the range. */
    public BlkOptions {
        if (mostQueues < 1 || mostQueues > MOST_QUEUES) {
            throw new IllegalArgumentException("%d queues: give 1 to %d".formatted(mostQueues, MOST_QUEUES));
        }
    }
}
