package dev.postern.attach;

/**
 * The registers of a virtio function through its PCI configuration access capability (virtio 1.4, PCI configuration access capability):
 * no BAR has to be placed for it.
 */
final class VirtioWindow {

    private static final int COMMON = 1;
    private static final int DEVICE = 4;
    private static final int ACCESS = 5;

    private final ConfigPorts config;
    private final int slot;
    private final int access;

    VirtioWindow(ConfigPorts config, int slot) {
        this.config = config;
        this.slot = slot;
        this.access = capability(ACCESS);
    }

    private int capability(int type) {
        int at = config.read32(0, slot, 0x34) & 0xff;
        while (at != 0) {
            int word = config.read32(0, slot, at);
            if ((word & 0xff) == 9 && word >>> 24 == type) {
                return at;
            }
            at = word >>> 8 & 0xff;
        }
        throw new AssertionError("no virtio capability of type " + type);
    }

    private void aim(int structure, int offset, int width) {
        int at = capability(structure);
        config.write32(0, slot, access + 4, config.read32(0, slot, at + 4) & 0xff);
        config.write32(0, slot, access + 8, config.read32(0, slot, at + 8) + offset);
        config.write32(0, slot, access + 12, width);
    }

    /** A field of the device's configuration. */
    long config(int offset, int width) {
        aim(DEVICE, offset, width);
        return config.read32(0, slot, access + 16) & (1L << 8 * width) - 1;
    }

    /** The largest size of queue 0. */
    int queueSize() {
        aim(COMMON, 24, 2);
        return config.read32(0, slot, access + 16) & 0xffff;
    }

    /** Whether a feature is offered. */
    boolean offers(int bit) {
        aim(COMMON, 0, 4);
        config.write32(0, slot, access + 16, bit / 32);
        aim(COMMON, 4, 4);
        return (config.read32(0, slot, access + 16) >>> bit % 32 & 1) != 0;
    }
}
