package dev.postern.emulated.pci;

/**
 * The host bridge of a q35 (8086:29c0) as its firmware leaves it: PCIEXBAR at 0x60 opens 256 MiB of enhanced
 * configuration space at 0xB0000000. The register works: software may move or close the window.
 */
public final class HostBridge extends PciFunction {

    /** Where the firmware put the window. */
    public static final long ECAM_BASE = 0xb000_0000L;

    private static final int PCIEXBAR = 0x60;

    /** As the firmware leaves it. */
    public HostBridge() {
        super("host-bridge", new PciIdentity(0x8086, 0x29c0, 0x060000, 2), Connection.CONVENTIONAL);
        config().set(PCIEXBAR, 4, (int) ECAM_BASE | 1);
        config().allow(PCIEXBAR, 4, 0xf000_0007);
        config().allow(PCIEXBAR + 4, 4, 0xf);
    }

    /** The first address of the window. */
    long windowBase() {
        return config().get(PCIEXBAR, 4) & 0xf000_0000L | (long) config().get(PCIEXBAR + 4, 4) << 32;
    }

    /** The size of the window in bytes; 0 while it is closed. */
    long windowSize() {
        int register = config().get(PCIEXBAR, 4);
        if ((register & 1) == 0) {
            return 0;
        }
        return switch (register >>> 1 & 3) {
            case 0 -> 256L << 20;
            case 1 -> 128L << 20;
            case 2 -> 64L << 20;
            default -> 0;
        };
    }
}
