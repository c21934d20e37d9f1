package dev.postern.emulated.board;

/** Registers that answer to a range of addresses. Accesses are naturally aligned; values are little-endian. */
public interface RegisterBlock {

    /**
     * Reads.
     *
     * @param offset from the start of the range
     * @param width 1, 2, 4 or 8 bytes
     * @return the value in the low bits; the bits above the width are ignored
     */
    long read(long offset, int width);

    /**
     * Writes.
     *
     * @param offset from the start of the range
     * @param width 1, 2, 4 or 8 bytes
     * @param value in the low bits, zero-extended
     */
    void write(long offset, int width, long value);

    /**
     * Whether a write of that width is a notification that need not wait for the devices: it only leaves work for them.
     *
     * @param offset from the start of the range
     */
    default boolean isDoorbell(long offset, int width) {
        return false;
    }
}
