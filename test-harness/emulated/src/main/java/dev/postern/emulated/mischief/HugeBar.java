package dev.postern.emulated.mischief;

/**
 * The BAR of the virtio structures claims an absurd size; the registers are where they always are in it.
 *
 * @param bytes a power of two from 32 KiB to 2^62
 */
public record HugeBar(long bytes) implements DeviceMischief {
    /** Checks the size. */
    public HugeBar {
        if (Long.bitCount(bytes) != 1 || bytes < 0x8000 || bytes < 0) {
            throw new IllegalArgumentException("BAR of " + bytes + " bytes: give a power of two, 32768 or more");
        }
    }
}
