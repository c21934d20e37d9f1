package dev.postern.dma;

/**
 * One device's access to memory: the only way an address reaches it.
 *
 * <p>A mapping is a {@code long} token, valid from {@link #map} to {@link #unmap}; nothing is allocated on the Java heap
 * for it. Between the two the buffer belongs to the device: the driver neither reads nor writes it, except in the
 * intervals opened by {@link #syncForCpu} and closed by {@link #syncForDevice}.
 *
 * <p><b>Threads:</b> mapping and unmapping may happen on several threads at once; one mapping is used by one thread at a
 * time. <b>Memory order:</b> {@code map} and {@code syncForDevice} make earlier stores to the buffer visible to the
 * device before any later release store, which publishes the address; {@code unmap} and {@code syncForCpu} are called after the
 * driver has acquired the device's completion, and make the device's stores visible.
 */
public interface DmaContext extends AutoCloseable {

    /** The plan this context carries out. */
    DmaPlan plan();

    /** What the device can express. */
    DmaConstraints constraints();

    /**
     * Gives a range of RAM to the device.
     *
     * @param pa guest-physical address of the first byte; the range lies inside one RAM region
     * @param length bytes, 1 to {@link #largestMapping()}
     * @param direction who writes
     * @return the token
     * @throws DmaMappingException when the range is not RAM, its device address cannot be expressed, or the backend has
     *     no room; nothing is mapped then
     */
    long map(long pa, long length, DmaDirection direction);

    /** The address to give to the device for byte 0 of a mapping. */
    long deviceAddress(long token);

    /** Hands a part of a live mapping to the CPU: afterwards the CPU sees what the device wrote there. */
    void syncForCpu(long token, long offset, long length);

    /** Hands a part of a live mapping back to the device: afterwards the device sees what the CPU wrote there. */
    void syncForDevice(long token, long offset, long length);

    /**
     * Ends a mapping. The device must be done with it.
     *
     * @param token from {@link #map}
     * @param length the same as at map
     * @param direction the same as at map
     * @param written how many bytes from the start the device says it wrote, already validated: 0 to {@code length}; 0
     *     for TO_DEVICE. Bytes past it keep what they held before the mapping, or become zero, or what the device wrote
     *     there all the same; they never show older contents of a substitute buffer
     * @throws DmaMisuseException when the call does not fit a mapping, as far as the backend notices; or when the other side still
     *     holds on to the pages although the mapping has ended: then the buffer must never be used again
     */
    void unmap(long token, long length, DmaDirection direction, long written);

    /**
     * Gives a mapping up instead of unmapping it, because the device did not come out of reset and may use it for ever. The
     * token is void; what the context put in the buffer's place is never used again. It is counted and no leak.
     *
     * @param token from {@link #map}
     * @param length the same as at map
     */
    void quarantine(long token, long length);

    /** How many mappings were quarantined. */
    long quarantinedMappings();

    /**
     * Maps every range of a list, in order, or none of them.
     *
     * @throws DmaMappingException as {@link #map}; what had been mapped is unmapped again
     */
    default void mapAll(ScatterList list, DmaDirection direction) {
        for (int i = 0; i < list.size(); i++) {
            try {
                long token = map(list.pa(i), list.length(i), direction);
                list.mapped(i, token, deviceAddress(token));
            } catch (DmaMappingException e) {
                for (int j = i - 1; j >= 0; j--) {
                    try {
                        unmap(list.token(j), list.length(j), direction, 0);
                    } catch (DmaMisuseException left) {
                        e.addSuppressed(left);
                    }
                }
                throw e;
            }
        }
    }

    /**
     * Ends every mapping of a list, also those behind one that could not be ended well.
     *
     * @param written how many bytes the device says it wrote over the whole list, filled from its first range on
     * @throws DmaMisuseException as {@link #unmap}, the first of them, after all were tried
     */
    default void unmapAll(ScatterList list, DmaDirection direction, long written) {
        long rest = written;
        DmaMisuseException first = null;
        for (int i = 0; i < list.size(); i++) {
            long here = Math.min(rest, list.length(i));
            try {
                unmap(list.token(i), list.length(i), direction, here);
            } catch (DmaMisuseException e) {
                first = first == null ? e : first;
            }
            rest -= here;
        }
        if (first != null) {
            throw first;
        }
    }

    /** Gives every mapping of a list up, as {@link #quarantine}. */
    default void quarantineAll(ScatterList list) {
        for (int i = 0; i < list.size(); i++) {
            quarantine(list.token(i), list.length(i));
        }
    }

    /**
     * Memory that driver and device use at the same time, zeroed, for rings and tables.
     *
     * @param length bytes, at least 1
     * @param alignment of the device address, a power of two
     * @throws DmaMappingException when there is no such memory
     */
    CoherentBuffer allocateCoherent(long length, long alignment);

    /** The longest range that {@link #map} takes, in bytes; every driver splits its transfers accordingly. */
    long largestMapping();

    /**
     * How many bytes one request may map at a time, over all of its mappings, so that it finds room when nothing else is mapped; at
     * least {@link #largestMapping()}. Every driver splits its requests accordingly.
     */
    long largestRequest();

    /** Ends the context. Every mapping and coherent buffer must have been given back; what is left is reported. */
    @Override
    void close();
}
