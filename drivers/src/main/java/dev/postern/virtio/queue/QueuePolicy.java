package dev.postern.virtio.queue;

import java.util.Objects;

/**
 * What holds for the queues of a device beside what it negotiates.
 *
 * @param lengths what its used lengths are worth, by the facts about it
 * @param code whose code its queues run, by the wish of whoever boots
 */
public record QueuePolicy(QueueOptions.UsedLengths lengths, QueueOptions.Code code) {

    /** For a device of which nothing is known. */
    public static final QueuePolicy DEFAULT =
            new QueuePolicy(QueueOptions.UsedLengths.CHECKED, QueueOptions.Code.PLAIN);

    /** Refuses null. */
    public QueuePolicy {
        Objects.requireNonNull(lengths);
        Objects.requireNonNull(code);
    }
}
