package dev.postern.emulated.pci;

/** The kinds of base address register in use here (PCI Local Bus 3.0, 6.2.5.1). */
public enum BarKind {
    /** 32-bit memory with side effects. */
    MEMORY_32(0x0),
    /** 64-bit prefetchable memory; takes two registers. */
    MEMORY_64_PREFETCHABLE(0xc);

    private final int flags;

    BarKind(int flags) {
        this.flags = flags;
    }

    /** The low four bits of the register. */
    int flags() {
        return flags;
    }
}
