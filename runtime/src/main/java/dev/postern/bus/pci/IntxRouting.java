package dev.postern.bus.pci;

import java.util.Optional;

/** Which line of the interrupt controller the INTx pins of the root bus end at. */
enum IntxRouting {

    /**
     * The ICH9 of a q35: PIRQA to PIRQH are the lines 16 to 23 of the I/O APIC. Slots 0 to 24 are spread over PIRQE to
     * PIRQH; slots 25 to 31 follow the registers D25IR to D31IR, which firmware leaves at their reset value 0x3210 (INTA
     * to PIRQA and so on), but for slot 30, whose register is fixed and which is wired to PIRQE to PIRQH (QEMU,
     * hw/isa/lpc_ich9.c; Intel ICH9 datasheet, 10.1.46 and following).
     */
    ICH9 {
        @Override
        int root(int slot, int pin) {
            if (slot <= LAST_SPREAD_SLOT) {
                return PIRQE + (slot + pin) % PINS;
            }
            return (slot == LEGACY_BRIDGE_SLOT ? PIRQE : PIRQA) + pin;
        }
    };

    private static final int PINS = 4;
    private static final int PIRQA = 16;
    private static final int PIRQE = 20;
    private static final int LAST_SPREAD_SLOT = 24;
    private static final int LEGACY_BRIDGE_SLOT = 30;

    /** The line of a pin (0 for INTA) of a slot on the root bus. */
    abstract int root(int slot, int pin);

    /** The line of a function that has a pin. */
    int gsi(PciFunction function) {
        int pin = function.interruptPin() - 1;
        PciFunction at = function;
        // Every bridge turns the pins by the number of the device behind it (PCI-to-PCI Bridge 1.2, 9.1).
        Optional<PciFunction> bridge = at.upstreamBridge();
        while (bridge.isPresent()) {
            pin = (at.address().device() + pin) % PINS;
            at = bridge.get();
            bridge = at.upstreamBridge();
        }
        return root(at.address().device(), pin);
    }
}
