package dev.postern.virtio.fake;

/**
 * One descriptor as the device saw it.
 *
 * @param dva its address
 * @param length its length, 0 to 2^32 - 1
 * @param flags all 16 bits
 * @param next the raw next field
 * @param slot which entry of its table it was
 */
public record SeenBuffer(long dva, long length, int flags, int next, int slot) {

    static final int NEXT = 1;
    static final int WRITE = 2;
    static final int INDIRECT = 4;

    /** Whether the device writes it. */
    public boolean writable() {
        return (flags & WRITE) != 0;
    }

    boolean more() {
        return (flags & NEXT) != 0;
    }

    boolean table() {
        return (flags & INDIRECT) != 0;
    }
}
