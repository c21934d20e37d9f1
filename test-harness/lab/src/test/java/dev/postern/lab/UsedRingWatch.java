package dev.postern.lab;

import dev.postern.machine.RegisterSpace;

/** Registers that note where a device is told its used ring is, and let a test look at the moment it is told. */
final class UsedRingWatch implements RegisterSpace {

    // The virtio specification, "Common configuration structure layout".
    private static final int QUEUE_SIZE = 24;
    private static final int QUEUE_ENABLE = 28;
    private static final int QUEUE_DEVICE = 48;

    /** Looks at a ring. */
    @FunctionalInterface
    interface Listener {
        /** A queue is about to be enabled whose used ring lies there. */
        void enabling(long usedPa, int size);
    }

    private final RegisterSpace inside;
    private final long common;
    private final Listener listener;

    /**
     * A watch over one device.
     *
     * @param common where its common configuration is
     */
    UsedRingWatch(RegisterSpace inside, long common, Listener listener) {
        this.inside = inside;
        this.common = common;
        this.listener = listener;
    }

    @Override
    public void write16(long pa, int value) {
        if (pa == common + QUEUE_ENABLE) {
            long low = Integer.toUnsignedLong(inside.read32(common + QUEUE_DEVICE));
            long high = Integer.toUnsignedLong(inside.read32(common + QUEUE_DEVICE + 4));
            listener.enabling(high << 32 | low, inside.read16(common + QUEUE_SIZE));
        }
        inside.write16(pa, value);
    }

    @Override
    public int read8(long pa) {
        return inside.read8(pa);
    }

    @Override
    public int read16(long pa) {
        return inside.read16(pa);
    }

    @Override
    public int read32(long pa) {
        return inside.read32(pa);
    }

    @Override
    public long read64(long pa) {
        return inside.read64(pa);
    }

    @Override
    public void write8(long pa, int value) {
        inside.write8(pa, value);
    }

    @Override
    public void write32(long pa, int value) {
        inside.write32(pa, value);
    }

    @Override
    public void write64(long pa, long value) {
        inside.write64(pa, value);
    }
}
