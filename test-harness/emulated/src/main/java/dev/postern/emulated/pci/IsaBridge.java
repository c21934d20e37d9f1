package dev.postern.emulated.pci;

/** The LPC bridge of an ICH9 (8086:2918): present for guests that look for it, with nothing behind it. */
public final class IsaBridge extends PciFunction {

    /** As the firmware leaves it. */
    public IsaBridge() {
        super("isa-bridge", new PciIdentity(0x8086, 0x2918, 0x060100, 2), Connection.CONVENTIONAL);
    }
}
