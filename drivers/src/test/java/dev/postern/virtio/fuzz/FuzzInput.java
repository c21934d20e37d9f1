package dev.postern.virtio.fuzz;

/** The bytes of one input, taken from the front. Past its end everything is 0, so that each input has a meaning. */
final class FuzzInput {

    private final byte[] bytes;
    private int at;

    FuzzInput(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Whether any byte is left; a loop over it ends. */
    boolean hasMore() {
        return at < bytes.length;
    }

    /** 0 to 255. */
    int u8() {
        return at < bytes.length ? Byte.toUnsignedInt(bytes[at++]) : 0;
    }

    /** 0 to 65535, little-endian. */
    int u16() {
        return u8() | u8() << 8;
    }

    /** 32 bits, little-endian. */
    int s32() {
        return u16() | u16() << 16;
    }

    /** 64 bits, little-endian. */
    long s64() {
        return Integer.toUnsignedLong(s32()) | (long) s32() << 32;
    }

    /** 0 to {@code bound} - 1, from one byte. */
    int below(int bound) {
        return u8() % bound;
    }

    /** So many bytes. */
    byte[] take(int count) {
        byte[] taken = new byte[count];
        for (int i = 0; i < count; i++) {
            taken[i] = (byte) u8();
        }
        return taken;
    }
}
