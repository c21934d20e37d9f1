package dev.postern.emulated.pci;

/** The device/port types of the PCI Express capability in use here. */
public enum ExpressPort {
    /** An endpoint below a port. */
    ENDPOINT(0),
    /** A root port. */
    ROOT_PORT(4);

    private final int type;

    ExpressPort(int type) {
        this.type = type;
    }

    /** The value of the field, 4 bits. */
    int type() {
        return type;
    }
}
