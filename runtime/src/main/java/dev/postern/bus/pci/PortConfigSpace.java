package dev.postern.bus.pci;

import dev.postern.machine.PortSpace;

/** Configuration space through the address port CF8 and the data ports CFC to CFF: 256 bytes a function, all buses. */
public final class PortConfigSpace implements ConfigSpace {

    private static final int FUNCTION_BYTES = 256;
    private static final int ADDRESS_PORT = 0xcf8;
    private static final int DATA_PORT = 0xcfc;
    private static final int ENABLE = 0x8000_0000;

    private final PortSpace ports;

    /** Uses the two ports; nobody else may use them between calls. */
    public PortConfigSpace(PortSpace ports) {
        this.ports = ports;
    }

    @Override
    public int functionBytes() {
        return FUNCTION_BYTES;
    }

    @Override
    public int firstBus() {
        return 0;
    }

    @Override
    public int lastBus() {
        return 0xff;
    }

    @Override
    public int read8(PciAddress address, int offset) {
        return ports.in8(select(address, offset, 1));
    }

    @Override
    public int read16(PciAddress address, int offset) {
        return ports.in16(select(address, offset, 2));
    }

    @Override
    public int read32(PciAddress address, int offset) {
        return ports.in32(select(address, offset, 4));
    }

    @Override
    public void write8(PciAddress address, int offset, int value) {
        ports.out8(select(address, offset, 1), value);
    }

    @Override
    public void write16(PciAddress address, int offset, int value) {
        ports.out16(select(address, offset, 2), value);
    }

    @Override
    public void write32(PciAddress address, int offset, int value) {
        ports.out32(select(address, offset, 4), value);
    }

    /** Selects the four bytes around the offset and returns the data port of the first byte wanted. */
    private int select(PciAddress address, int offset, int width) {
        ConfigOffset.require(this, address, offset, width);
        ports.out32(ADDRESS_PORT, ENABLE | address.requesterId() << 8 | offset & ~3);
        return DATA_PORT + (offset & 3);
    }

    @Override
    public String toString() {
        return "ports 0xcf8 and 0xcfc";
    }
}
