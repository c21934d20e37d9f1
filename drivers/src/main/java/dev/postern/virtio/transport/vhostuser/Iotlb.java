package dev.postern.virtio.transport.vhostuser;

/**
 * Translations for a back-end with ACCESS_PLATFORM ("IOMMU support"): what it is given is exactly the memory table, each address to
 * itself, before it asks. The decision has handed out physical addresses, and nothing else is translated. Without ACCESS_PLATFORM it
 * holds nothing.
 */
final class Iotlb {

    /** "An IOTLB message": iova, size, user address, permissions, type; padded to a multiple of 8 bytes as the C structure is. */
    static final int MESSAGE_BYTES = 32;

    static final int MESSAGE_LEAST_BYTES = 26;
    static final int TYPE_AT = 25;

    private static final byte MISS = 1;
    private static final byte UPDATE = 2;
    private static final byte READ_WRITE = 3;

    private final MessageStream stream;
    private final MemoryTable memory;
    private final ConfigSnapshot configuration;
    private boolean inUse;

    Iotlb(MessageStream stream, MemoryTable memory, ConfigSnapshot configuration) {
        this.stream = stream;
        this.memory = memory;
        this.configuration = configuration;
    }

    /** ACCESS_PLATFORM was accepted: gives the back-end every translation there is. */
    void fill() throws VhostUserException {
        inUse = true;
        for (int region = 0; region < memory.size(); region++) {
            give(region);
        }
    }

    /** The device was reset. */
    void clear() {
        inUse = false;
    }

    /** Gives the translation that a back-end misses; false when there is none, or it asks for something else. */
    boolean answerMiss(long iova, byte type) throws VhostUserException {
        int region = memory.regionOf(iova, 1);
        if (!inUse || type != MISS || region < 0) {
            return false;
        }
        give(region);
        return true;
    }

    private void give(int region) throws VhostUserException {
        configuration.settle();
        long base = memory.regions().get(region).basePa();
        stream.compose()
                .putLong(base)
                .putLong(memory.regions().get(region).size())
                .putLong(base)
                .put(READ_WRITE)
                .put(UPDATE)
                .putShort((short) 0)
                .putInt(0);
        // "VHOST_USER_IOTLB_MSG": acknowledged by zero; with REPLY_ACK, which is required for it here, as any other.
        stream.order(Request.IOTLB_MSG);
    }
}
