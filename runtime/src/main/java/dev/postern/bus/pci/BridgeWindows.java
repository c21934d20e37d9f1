package dev.postern.bus.pci;

import dev.postern.memory.PhysRange;

/** The address windows that a bridge forwards to its secondary bus. Ports are never forwarded. */
final class BridgeWindows {

    /** Windows begin and end on whole MiB. */
    static final long GRANULE = 1 << 20;

    private static final int SHUT_MEMORY = 0x0000_fff0;
    private static final int SHUT_IO = 0x00f0;
    private static final int ALL_BITS = 0xfff0_fff0;
    private static final int WIDE = 1;

    private final PciFunction bridge;
    private final boolean wide;

    /** Finds out which windows the bridge has, and shuts them. */
    BridgeWindows(PciFunction bridge) {
        this.bridge = bridge;
        // A window that the bridge lacks reads as 0 whatever is written; the low digit says 64 bits.
        bridge.write32(ConfigRegister.PREFETCHABLE_WINDOW, ALL_BITS);
        int answer = bridge.read32(ConfigRegister.PREFETCHABLE_WINDOW);
        this.wide = answer != 0 && answer != -1 && (answer & 0xf) == WIDE;
        shut();
    }

    /** Whether there is a prefetchable window with 64 address bits. */
    boolean wide() {
        return wide;
    }

    void shut() {
        bridge.write16(ConfigRegister.IO_WINDOW, SHUT_IO);
        bridge.write32(ConfigRegister.MEMORY_WINDOW, SHUT_MEMORY);
        bridge.write32(ConfigRegister.PREFETCHABLE_WINDOW, SHUT_MEMORY);
        bridge.write32(ConfigRegister.PREFETCHABLE_BASE_UPPER, 0);
        bridge.write32(ConfigRegister.PREFETCHABLE_LIMIT_UPPER, 0);
    }

    void openLow(PhysRange range) {
        bridge.write32(ConfigRegister.MEMORY_WINDOW, baseAndLimit(range));
    }

    void openHigh(PhysRange range) {
        long last = range.endPa() - 1;
        bridge.write32(ConfigRegister.PREFETCHABLE_BASE_UPPER, (int) (range.basePa() >>> 32));
        bridge.write32(ConfigRegister.PREFETCHABLE_LIMIT_UPPER, (int) (last >>> 32));
        bridge.write32(ConfigRegister.PREFETCHABLE_WINDOW, baseAndLimit(range));
    }

    /** Bits 31 to 20 of the first address in the low half, of the last one in the high half. */
    private static int baseAndLimit(PhysRange range) {
        long last = range.endPa() - 1;
        return (int) (range.basePa() >>> 16 & 0xfff0 | last & 0xfff0_0000L);
    }
}
