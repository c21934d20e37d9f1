package dev.postern.virtio.transport.vhostuser;

import java.nio.ByteBuffer;

/**
 * Where a back-end keeps what is in flight, for its own successor ("Inflight I/O tracking"): asked of it and given back at once, a fresh
 * one in each session, because after a reset nothing is in flight. What was lost this side sends again by its own record, which no
 * back-end can touch; so the area is never mapped here.
 */
final class InflightArea {

    /** "Inflight description": 64, 64, 16 and 16 bits; padded to a multiple of 8 bytes as the C structure is. */
    private static final int LEAST_BYTES = 20;

    private static final int PADDED_BYTES = 24;
    /** Far more than 256 queues of 1024 entries need. */
    private static final long MOST_BYTES = 1 << 30;

    private InflightArea() {}

    /** Lets the back-end have one for so many queues of at most so many entries. */
    static void arrange(MessageStream stream, int queues, int entries) throws VhostUserException {
        describe(stream.compose(), 0, 0, queues, entries);
        stream.post(Request.GET_INFLIGHT_FD);
        int[] descriptor = {-1};
        ByteBuffer answer = stream.answer(
                Request.GET_INFLIGHT_FD, LEAST_BYTES, PADDED_BYTES, stream.in(Patience.ANSWER), descriptor);
        try {
            long size = answer.getLong();
            long offset = answer.getLong();
            int itsQueues = Short.toUnsignedInt(answer.getShort());
            int itsEntries = Short.toUnsignedInt(answer.getShort());
            if (size <= 0 || size > MOST_BYTES || offset < 0 || offset > Long.MAX_VALUE - size) {
                throw stream.broken(
                        Request.GET_INFLIGHT_FD.name(), "an area of %d bytes at offset %d".formatted(size, offset));
            }
            if (itsQueues != queues || itsEntries != entries) {
                throw stream.broken(
                        Request.GET_INFLIGHT_FD.name(),
                        "an area for %d queues of %d entries; for %d of %d was asked"
                                .formatted(itsQueues, itsEntries, queues, entries));
            }
            describe(stream.compose(), size, offset, queues, entries);
            stream.order(Request.SET_INFLIGHT_FD, descriptor[0]);
        } finally {
            stream.connection().closeDescriptor(descriptor[0]);
        }
    }

    private static void describe(ByteBuffer payload, long size, long offset, int queues, int entries) {
        payload.putLong(size)
                .putLong(offset)
                .putShort((short) queues)
                .putShort((short) entries)
                .putInt(0);
    }
}
