package dev.postern.emulated.pci;

import dev.postern.emulated.board.AddressSpace.Claim;
import dev.postern.emulated.board.RegisterBlock;
import dev.postern.emulated.dma.BusMaster;
import java.util.ArrayList;
import java.util.List;

/**
 * One PCI function: configuration space, base address registers and its interrupt pin. Only function 0 of a device
 * exists here, so a slot holds one function.
 */
public abstract class PciFunction implements BusMaster {

    /** Offset of the command register. */
    protected static final int COMMAND = 0x04;

    private static final int STATUS = 0x06;
    private static final int CAPABILITIES_POINTER = 0x34;
    private static final int INTERRUPT_LINE = 0x3c;
    private static final int INTERRUPT_PIN = 0x3d;

    private static final int COMMAND_MEMORY = 0x2;
    private static final int COMMAND_MASTER = 0x4;
    private static final int COMMAND_INTX_DISABLE = 0x400;
    private static final int STATUS_INTERRUPT = 0x8;
    private static final int STATUS_CAPABILITIES = 0x10;

    private final String name;
    private final ConfigSpace config;
    private final List<Bar> bars = new ArrayList<>();
    private PciBus bus;
    private int slot;
    private int lastCapability;
    private int nextCapability = 0x40;
    private boolean interruptWanted;
    private boolean lineHeld;

    /**
     * A function with an interrupt pin (INTA) and no BAR yet.
     *
     * @param name for messages
     * @param identity what it says it is
     * @param express whether it has the configuration space of PCI Express
     */
    protected PciFunction(String name, PciIdentity identity, Connection express) {
        this.name = name;
        this.config = new ConfigSpace(express == Connection.EXPRESS ? 4096 : 256);
        config.set(0x00, 2, identity.vendor());
        config.set(0x02, 2, identity.device());
        config.set(0x08, 1, identity.revision());
        config.set(0x09, 1, identity.classCode());
        config.set(0x0a, 2, identity.classCode() >>> 8);
        config.allow(COMMAND, 2, 0x0546);
        config.allow(0x0c, 1, 0xff);
        config.allow(INTERRUPT_LINE, 1, 0xff);
    }

    /** How a function is connected, which decides how much configuration space it has. */
    public enum Connection {
        /** PCI Express: 4096 bytes. */
        EXPRESS,
        /** Conventional PCI: 256 bytes. */
        CONVENTIONAL
    }

    @Override
    public final String name() {
        return name;
    }

    /** The bytes, for subclasses to fill. */
    protected final ConfigSpace config() {
        return config;
    }

    /** Puts the function into a slot; done once, by the bus. */
    final void attach(PciBus owner, int slotNumber) {
        bus = owner;
        slot = slotNumber;
    }

    /** The bus that the function sits on. */
    final PciBus bus() {
        return bus;
    }

    /** The slot on that bus, 0 to 31. */
    final int slot() {
        return slot;
    }

    /** Says that the function uses pin INTA. */
    protected final void useInterruptPin() {
        config.set(INTERRUPT_PIN, 1, 1);
    }

    /** Adds a base address register. */
    protected final void addBar(int index, BarKind kind, long size, RegisterBlock registers) {
        bars.add(new Bar(config, index, kind, size, registers));
    }

    /** The base address register of that number, or null. */
    protected final Bar bar(int index) {
        for (Bar bar : bars) {
            if (bar.index() == index) {
                return bar;
            }
        }
        return null;
    }

    /**
     * Appends to the capability list.
     *
     * @param id the capability id
     * @param length in bytes, with the two bytes of header
     * @return its offset, a multiple of 4
     */
    protected final int addCapability(int id, int length) {
        int offset = nextCapability;
        nextCapability += length + 3 & ~3;
        config.set(offset, 1, id);
        config.set(lastCapability == 0 ? CAPABILITIES_POINTER : lastCapability + 1, 1, offset);
        config.set(STATUS, 2, config.get(STATUS, 2) | STATUS_CAPABILITIES);
        lastCapability = offset;
        return offset;
    }

    /** Adds the PCI Express capability, version 2 (PCI Express Base 3.0, 7.8). */
    protected final int addExpressCapability(ExpressPort port) {
        int offset = addCapability(0x10, 60);
        config.set(offset + 2, 2, 2 | port.type() << 4 | (port == ExpressPort.ROOT_PORT ? 0x100 : 0));
        // Role-based error reporting, 128-byte payloads.
        config.set(offset + 4, 4, 1 << 15);
        config.allow(offset + 8, 2, 0x70ff);
        // 2.5 GT/s, one lane.
        config.set(offset + 12, 4, 0x11);
        config.allow(offset + 16, 2, 0x00c3);
        config.set(offset + 18, 2, 0x11);
        return offset;
    }

    /** Whether memory accesses are decoded. */
    final boolean decodesMemory() {
        return (config.get(COMMAND, 2) & COMMAND_MEMORY) != 0;
    }

    /** Whether the function itself may master the bus. */
    final boolean masterEnabled() {
        // Asked at every access to memory; the bit is in the low byte.
        return (config.get(COMMAND, 1) & COMMAND_MASTER) != 0;
    }

    @Override
    public final boolean mayMaster() {
        for (PciFunction at = this; at != null; at = at.bus.bridge()) {
            if (!at.masterEnabled()) {
                return false;
            }
        }
        return true;
    }

    @Override
    public final int requesterId() {
        PciFunction seen = this;
        for (PciBridge above = bus.bridge(); above != null; above = above.bus().bridge()) {
            // A conventional bus carries no requester id, so the bridge puts its own in.
            if (above.kind() == BridgeKind.CONVENTIONAL) {
                seen = above;
            }
        }
        return seen.bus.number() << 8 | seen.slot << 3;
    }

    /** Who claims a memory address among the function's own registers, or null. */
    final Claim ownClaim(long pa) {
        if (!decodesMemory()) {
            return null;
        }
        for (int i = 0; i < bars.size(); i++) {
            Bar bar = bars.get(i);
            if (bar.contains(pa)) {
                return new Claim(bar.basePa(), bar.size(), bar.registers());
            }
        }
        return null;
    }

    /** A configuration read by software, 1, 2 or 4 bytes, aligned. */
    public int readConfig(int offset, int width) {
        return offset + width <= config.size() ? config.get(offset, width) : -1;
    }

    /** A configuration write by software, 1, 2 or 4 bytes, aligned. */
    public void writeConfig(int offset, int width, int value) {
        if (offset + width <= config.size()) {
            config.write(offset, width, value);
            if (offset < COMMAND + 2 && offset + width > COMMAND) {
                driveLine();
            }
        }
    }

    /** The function wants its pin asserted; whether the line rises depends on the interrupt disable bit. */
    protected final void wantInterrupt() {
        interruptWanted = true;
        driveLine();
    }

    /** The function no longer wants its pin asserted. */
    protected final void dropInterrupt() {
        interruptWanted = false;
        driveLine();
    }

    private void driveLine() {
        int status = config.get(STATUS, 2) & ~STATUS_INTERRUPT;
        config.set(STATUS, 2, interruptWanted ? status | STATUS_INTERRUPT : status);
        boolean hold = interruptWanted && (config.get(COMMAND, 2) & COMMAND_INTX_DISABLE) == 0;
        if (hold == lineHeld) {
            return;
        }
        lineHeld = hold;
        if (hold) {
            bus.raise(slot, 0);
        } else {
            bus.lower(slot, 0);
        }
    }

    /** A bus reset: everything that software had set is forgotten. Subclasses reset what they add. */
    protected void busReset() {
        interruptWanted = false;
        config.set(COMMAND, 2, 0);
        config.set(INTERRUPT_LINE, 1, 0);
        bars.forEach(Bar::reset);
        driveLine();
    }
}
