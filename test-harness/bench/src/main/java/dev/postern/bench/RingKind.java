package dev.postern.bench;

import dev.postern.virtio.queue.QueueAddresses;
import dev.postern.virtio.queue.QueueOptions;
import java.util.Locale;

/** A virtqueue's format and the order in which its device uses buffers. The C peer knows them by these names. */
enum RingKind {
    SPLIT(QueueOptions.Format.SPLIT, QueueOptions.UseOrder.ANY),
    PACKED(QueueOptions.Format.PACKED, QueueOptions.UseOrder.ANY),
    SPLIT_IN_ORDER(QueueOptions.Format.SPLIT, QueueOptions.UseOrder.AS_AVAILABLE),
    PACKED_IN_ORDER(QueueOptions.Format.PACKED, QueueOptions.UseOrder.AS_AVAILABLE);

    /** Entries; the largest batch fills the ring. */
    static final int SIZE = 256;

    private final QueueOptions.Format format;
    private final QueueOptions.UseOrder order;

    RingKind(QueueOptions.Format format, QueueOptions.UseOrder order) {
        this.format = format;
        this.order = order;
    }

    /** Its name in words. */
    String words() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** Whether one used entry may stand for a whole batch. */
    boolean inOrder() {
        return order == QueueOptions.UseOrder.AS_AVAILABLE;
    }

    /** A polled queue of this kind, for requests of one buffer. */
    QueueOptions options(String device, QueueOptions.Code code) {
        return new QueueOptions(
                device,
                0,
                SIZE,
                1,
                format,
                QueueOptions.Chaining.DIRECT,
                QueueOptions.UsedSignals.SUPPRESSED,
                QueueOptions.EventMarks.FLAGS,
                order,
                QueueOptions.UsedLengths.CHECKED,
                code);
    }

    /** A device for a queue of this kind. */
    DeviceSide device(QueueAddresses at) {
        return OwnCode.device(
                format == QueueOptions.Format.SPLIT ? SplitDeviceSide.class : PackedDeviceSide.class, at, inOrder());
    }
}
