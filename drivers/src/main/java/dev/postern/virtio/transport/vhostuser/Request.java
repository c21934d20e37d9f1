package dev.postern.virtio.transport.vhostuser;

/** What a front-end can say, and this one does ("Front-end message types"), with its number. */
enum Request {
    GET_FEATURES(1),
    SET_FEATURES(2),
    SET_OWNER(3),
    SET_MEM_TABLE(5),
    SET_VRING_NUM(8),
    SET_VRING_ADDR(9),
    SET_VRING_BASE(10),
    GET_VRING_BASE(11),
    SET_VRING_KICK(12),
    SET_VRING_CALL(13),
    SET_VRING_ERR(14),
    GET_PROTOCOL_FEATURES(15),
    SET_PROTOCOL_FEATURES(16),
    GET_QUEUE_NUM(17),
    SET_VRING_ENABLE(18),
    /** In newer issues of the specification SET_BACKEND_REQ_FD, in older ones SET_SLAVE_REQ_FD. */
    SET_BACKEND_REQ_FD(21),
    IOTLB_MSG(22),
    GET_CONFIG(24),
    SET_CONFIG(25),
    GET_INFLIGHT_FD(31),
    SET_INFLIGHT_FD(32),
    RESET_DEVICE(34),
    GET_MAX_MEM_SLOTS(36),
    ADD_MEM_REG(37),
    REM_MEM_REG(38),
    SET_STATUS(39),
    GET_STATUS(40);

    private final int code;

    Request(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
