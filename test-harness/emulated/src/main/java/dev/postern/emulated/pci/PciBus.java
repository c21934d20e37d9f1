package dev.postern.emulated.pci;

import dev.postern.emulated.board.AddressSpace.Claim;

/** One bus: its slots, and how configuration accesses, memory accesses and interrupt pins pass it. */
public final class PciBus {

    private static final int SLOTS = 32;

    private final PciFunction[] functions = new PciFunction[SLOTS];
    private final PciBridge bridge;
    private final InterruptRouter router;
    private final int slotCount;

    private PciBus(PciBridge bridge, InterruptRouter router, int slotCount) {
        this.bridge = bridge;
        this.router = router;
        this.slotCount = slotCount;
    }

    /** A root bus. */
    public static PciBus root(InterruptRouter router) {
        return new PciBus(null, router, SLOTS);
    }

    /** The bus behind a bridge. */
    static PciBus behind(PciBridge bridge) {
        return new PciBus(bridge, null, bridge.kind().slots());
    }

    /** The bridge above; null on the root bus. */
    PciBridge bridge() {
        return bridge;
    }

    /** The number by which configuration accesses reach it now; 0 on the root bus and behind unprogrammed bridges. */
    int number() {
        return bridge == null ? 0 : bridge.secondary();
    }

    /** The first slot without a device, or -1 when the bus is full. */
    public int freeSlot() {
        for (int slot = 0; slot < slotCount; slot++) {
            if (functions[slot] == null) {
                return slot;
            }
        }
        return -1;
    }

    /** Puts a function into a free slot. */
    public void attach(PciFunction function, int slot) {
        functions[slot] = function;
        function.attach(this, slot);
        if (bridge != null) {
            bridge.cardAttached();
        }
    }

    /** Whether a device on this bus is connected by PCI Express with a port above it. */
    public boolean isLink() {
        return bridge != null && bridge.kind() == BridgeKind.ROOT_PORT;
    }

    /** Whether anything above this bus is a conventional bridge, beyond which there is no PCI Express. */
    public boolean isConventional() {
        for (PciBridge above = bridge; above != null; above = above.bus().bridge()) {
            if (above.kind() == BridgeKind.CONVENTIONAL) {
                return true;
            }
        }
        return false;
    }

    /** The function that a configuration access to a bus number and slot reaches, or null. */
    PciFunction find(int busNumber, int slot) {
        if (busNumber == number()) {
            return functions[slot];
        }
        for (PciFunction function : functions) {
            if (function instanceof PciBridge below && below.leadsTo(busNumber)) {
                return below.secondaryBus().find(busNumber, slot);
            }
        }
        return null;
    }

    /** Who claims a memory address on this bus or below, or null. */
    Claim claim(long pa) {
        for (int slot = 0; slot < slotCount; slot++) {
            PciFunction function = functions[slot];
            if (function == null) {
                continue;
            }
            Claim claim = function.ownClaim(pa);
            if (claim == null && function instanceof PciBridge below && below.forwards(pa)) {
                claim = below.secondaryBus().claim(pa);
            }
            if (claim != null) {
                return claim;
            }
        }
        return null;
    }

    /** A pin was asserted; a bridge rotates it by the slot and passes it on (PCI to PCI Bridge 1.2, 9.1). */
    void raise(int slot, int pin) {
        if (bridge == null) {
            router.raise(slot, pin);
        } else {
            bridge.bus().raise(bridge.slot(), (pin + slot) % 4);
        }
    }

    /** A pin was let go. */
    void lower(int slot, int pin) {
        if (bridge == null) {
            router.lower(slot, pin);
        } else {
            bridge.bus().lower(bridge.slot(), (pin + slot) % 4);
        }
    }

    /** Resets every function on this bus. */
    void reset() {
        for (PciFunction function : functions) {
            if (function != null) {
                function.busReset();
            }
        }
    }
}
