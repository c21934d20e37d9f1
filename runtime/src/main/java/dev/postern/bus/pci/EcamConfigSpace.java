package dev.postern.bus.pci;

import dev.postern.firmware.acpi.Mcfg;
import dev.postern.machine.RegisterSpace;

/** Configuration space as memory-mapped registers: 4096 bytes a function, within the buses that MCFG names. */
public final class EcamConfigSpace implements ConfigSpace {

    private static final int FUNCTION_BYTES = 4096;
    private static final int FUNCTION_SHIFT = 12;

    private final RegisterSpace registers;
    private final Mcfg.Segment window;

    /**
     * Uses a window that is enabled.
     *
     * @param registers the physical address space
     * @param window where it is and which buses it has
     */
    public EcamConfigSpace(RegisterSpace registers, Mcfg.Segment window) {
        this.registers = registers;
        this.window = window;
    }

    @Override
    public int functionBytes() {
        return FUNCTION_BYTES;
    }

    @Override
    public int firstBus() {
        return window.startBus();
    }

    @Override
    public int lastBus() {
        return window.endBus();
    }

    @Override
    public int read8(PciAddress address, int offset) {
        ConfigOffset.require(this, address, offset, 1);
        return reaches(address) ? registers.read8(pa(address, offset)) : 0xff;
    }

    @Override
    public int read16(PciAddress address, int offset) {
        ConfigOffset.require(this, address, offset, 2);
        return reaches(address) ? registers.read16(pa(address, offset)) : 0xffff;
    }

    @Override
    public int read32(PciAddress address, int offset) {
        ConfigOffset.require(this, address, offset, 4);
        return reaches(address) ? registers.read32(pa(address, offset)) : -1;
    }

    @Override
    public void write8(PciAddress address, int offset, int value) {
        ConfigOffset.require(this, address, offset, 1);
        if (reaches(address)) {
            registers.write8(pa(address, offset), value);
        }
    }

    @Override
    public void write16(PciAddress address, int offset, int value) {
        ConfigOffset.require(this, address, offset, 2);
        if (reaches(address)) {
            registers.write16(pa(address, offset), value);
        }
    }

    @Override
    public void write32(PciAddress address, int offset, int value) {
        ConfigOffset.require(this, address, offset, 4);
        if (reaches(address)) {
            registers.write32(pa(address, offset), value);
        }
    }

    private boolean reaches(PciAddress address) {
        return address.bus() >= window.startBus() && address.bus() <= window.endBus();
    }

    private long pa(PciAddress address, int offset) {
        return window.basePa() + ((long) address.requesterId() << FUNCTION_SHIFT) + offset;
    }

    @Override
    public String toString() {
        return "ECAM at 0x%x, buses %d to %d".formatted(window.basePa(), window.startBus(), window.endBus());
    }
}
