package dev.postern.emulated.pci;

/** The bridges there are. The identities are those of QEMU's devices, so that a guest meets one set of ids. */
public enum BridgeKind {
    /** A PCI Express root port: a link with one device at its other end. */
    ROOT_PORT(0x000c, 1),
    /** A conventional PCI-to-PCI bridge with up to 32 devices behind it. */
    CONVENTIONAL(0x0001, 32);

    private final int device;
    private final int slots;

    BridgeKind(int device, int slots) {
        this.device = device;
        this.slots = slots;
    }

    /** The PCI device id. */
    int device() {
        return device;
    }

    /** How many devices fit behind it. */
    int slots() {
        return slots;
    }
}
