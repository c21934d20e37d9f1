package dev.postern.lab.backend;

import java.util.Optional;

/** What a front-end can ask (vhost-user, Front-end message types), with how long its payload is. */
public enum MessageKind {
    GET_FEATURES(1, 0),
    SET_FEATURES(2, 8),
    SET_OWNER(3, 0),
    RESET_OWNER(4, 0),
    SET_MEM_TABLE(5, MessageKind.VARIES),
    SET_VRING_NUM(8, 8),
    SET_VRING_ADDR(9, 40),
    SET_VRING_BASE(10, 8),
    GET_VRING_BASE(11, 8),
    SET_VRING_KICK(12, 8),
    SET_VRING_CALL(13, 8),
    SET_VRING_ERR(14, 8),
    GET_PROTOCOL_FEATURES(15, 0),
    SET_PROTOCOL_FEATURES(16, 8),
    GET_QUEUE_NUM(17, 0),
    SET_VRING_ENABLE(18, 8),
    SET_BACKEND_REQ_FD(21, 0),
    GET_CONFIG(24, MessageKind.VARIES),
    SET_CONFIG(25, MessageKind.VARIES),
    GET_INFLIGHT_FD(31, MessageKind.VARIES),
    SET_INFLIGHT_FD(32, MessageKind.VARIES),
    RESET_DEVICE(34, 0),
    GET_MAX_MEM_SLOTS(36, 0),
    ADD_MEM_REG(37, 40),
    REM_MEM_REG(38, 40),
    SET_STATUS(39, 8),
    GET_STATUS(40, 0);

    /** Stands for a payload whose length says how much is in it. */
    static final int VARIES = -1;

    private final int id;
    private final int payloadBytes;

    MessageKind(int id, int payloadBytes) {
        this.id = id;
        this.payloadBytes = payloadBytes;
    }

    /** The number in the header. */
    public int id() {
        return id;
    }

    /** Whether a payload of that many bytes can be one of this kind. */
    boolean fits(int bytes) {
        return switch (this) {
            // Two numbers, and four for each of at most eight regions.
            case SET_MEM_TABLE -> bytes >= 8 && bytes <= 8 + 8 * 32 && (bytes - 8) % 32 == 0;
            case GET_CONFIG, SET_CONFIG -> bytes >= 12 && bytes <= 12 + 256;
            // Its fields are 20 bytes; QEMU sends the padding of its C structure too.
            case GET_INFLIGHT_FD, SET_INFLIGHT_FD -> bytes == 20 || bytes == 24;
            default -> bytes == payloadBytes;
        };
    }

    /** Whether the answer has a payload of its own, acknowledged or not. */
    boolean hasReply() {
        return switch (this) {
            case GET_FEATURES,
                    GET_PROTOCOL_FEATURES,
                    GET_QUEUE_NUM,
                    GET_VRING_BASE,
                    GET_CONFIG,
                    GET_INFLIGHT_FD,
                    GET_MAX_MEM_SLOTS,
                    GET_STATUS -> true;
            default -> false;
        };
    }

    /** Whether it is about one ring. */
    boolean ofRing() {
        return switch (this) {
            case SET_VRING_NUM,
                    SET_VRING_ADDR,
                    SET_VRING_BASE,
                    GET_VRING_BASE,
                    SET_VRING_KICK,
                    SET_VRING_CALL,
                    SET_VRING_ERR,
                    SET_VRING_ENABLE -> true;
            default -> false;
        };
    }

    /** The protocol feature without which it must not be sent. */
    Optional<ProtocolFeature> needs() {
        return switch (this) {
            case GET_QUEUE_NUM -> Optional.of(ProtocolFeature.MQ);
            case SET_BACKEND_REQ_FD -> Optional.of(ProtocolFeature.BACKEND_REQ);
            case GET_CONFIG, SET_CONFIG -> Optional.of(ProtocolFeature.CONFIG);
            case GET_INFLIGHT_FD, SET_INFLIGHT_FD -> Optional.of(ProtocolFeature.INFLIGHT_SHMFD);
            case RESET_DEVICE -> Optional.of(ProtocolFeature.RESET_DEVICE);
            case GET_MAX_MEM_SLOTS, ADD_MEM_REG, REM_MEM_REG -> Optional.of(ProtocolFeature.CONFIGURE_MEM_SLOTS);
            case SET_STATUS, GET_STATUS -> Optional.of(ProtocolFeature.STATUS);
            default -> Optional.empty();
        };
    }

    /** The kind of that number; empty when there is none that a front-end of a disk has reason to send. */
    static Optional<MessageKind> of(int id) {
        for (MessageKind kind : values()) {
            if (kind.id == id) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }
}
