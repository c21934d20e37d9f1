package dev.postern.emulated.pci;

/**
 * The bytes of one function's configuration space, and which bits of them software may change. Everything is read-only
 * until {@link #allow} says otherwise.
 */
public final class ConfigSpace {

    private final byte[] bytes;
    private final byte[] writable;

    /** All zero. Size is 256 on conventional PCI and 4096 on PCI Express. */
    ConfigSpace(int size) {
        bytes = new byte[size];
        writable = new byte[size];
    }

    /** Size in bytes. */
    int size() {
        return bytes.length;
    }

    /** The value at an offset, 1 to 4 bytes wide, zero-extended. */
    public int get(int offset, int width) {
        int value = 0;
        for (int i = 0; i < width; i++) {
            value |= (bytes[offset + i] & 0xff) << (8 * i);
        }
        return value;
    }

    /** Sets a value from the device's side, whatever software may change. */
    public void set(int offset, int width, int value) {
        for (int i = 0; i < width; i++) {
            bytes[offset + i] = (byte) (value >>> (8 * i));
        }
    }

    /** Lets software change the bits of {@code mask}, besides those it may change already. */
    public void allow(int offset, int width, int mask) {
        for (int i = 0; i < width; i++) {
            writable[offset + i] |= (byte) (mask >>> (8 * i));
        }
    }

    /** A write by software: only the bits that it may change take the value. */
    void write(int offset, int width, int value) {
        for (int i = 0; i < width; i++) {
            int mask = writable[offset + i];
            bytes[offset + i] = (byte) (bytes[offset + i] & ~mask | value >>> (8 * i) & mask);
        }
    }

    /** Whether software may change any bit of a range. */
    boolean writable(int offset, int width) {
        for (int i = 0; i < width; i++) {
            if (writable[offset + i] != 0) {
                return true;
            }
        }
        return false;
    }
}
