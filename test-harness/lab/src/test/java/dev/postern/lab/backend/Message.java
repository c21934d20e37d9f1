package dev.postern.lab.backend;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/**
 * One message of the front-end.
 *
 * @param request the number of what it asks
 * @param flags of the header
 * @param payload what follows the header
 * @param descriptors that came with it, for the receiver to close
 */
record Message(int request, int flags, ByteBuffer payload, List<Integer> descriptors) {

    static final int HEADER = 12;
    static final int VERSION = 1;
    static final int VERSION_MASK = 3;
    static final int REPLY = 1 << 2;
    static final int NEED_REPLY = 1 << 3;

    /** Marks a ring message without a descriptor (vhost-user, SET_VRING_KICK). */
    static final long NO_DESCRIPTOR = 1 << 8;

    Message {
        payload = payload.order(ByteOrder.nativeOrder());
        descriptors = List.copyOf(descriptors);
    }

    Optional<MessageKind> kind() {
        return MessageKind.of(request);
    }

    boolean needsReply() {
        return (flags & NEED_REPLY) != 0;
    }

    /** The payload as one number. */
    long number() {
        return payload.getLong(0);
    }

    /** The ring that it is about, where it is about one. */
    int ring() {
        return kind().map(kind -> switch (kind) {
                    case SET_VRING_KICK, SET_VRING_CALL, SET_VRING_ERR -> (int) (number() & 0xff);
                    default -> payload.getInt(0);
                })
                .orElseThrow();
    }

    @Override
    public String toString() {
        return kind().map(Enum::name).orElse("request " + request);
    }
}
