package dev.postern.emulated.pci;

import dev.postern.emulated.board.GsiLines;

/**
 * How an ICH9 takes the pins of the root bus to GSIs while nobody changes its defaults: slots 0 to 24 share PIRQE to
 * PIRQH (GSI 20 to 23), rotated by slot; slots 25 to 31 use PIRQA to PIRQD (GSI 16 to 19) in the order of their pins
 * (Intel ICH9 datasheet, 10.1, D25IR to D31IR; QEMU hw/isa/lpc_ich9.c).
 */
public final class IchRouting implements InterruptRouter {

    private static final int FIRST_OWN_ROUTE = 25;

    private final GsiLines lines;

    /** Routes to the given lines. */
    public IchRouting(GsiLines lines) {
        this.lines = lines;
    }

    private static int gsi(int slot, int pin) {
        return slot < FIRST_OWN_ROUTE ? 20 + (slot + pin) % 4 : 16 + pin;
    }

    @Override
    public void raise(int slot, int pin) {
        lines.raise(gsi(slot, pin));
    }

    @Override
    public void lower(int slot, int pin) {
        lines.lower(gsi(slot, pin));
    }
}
