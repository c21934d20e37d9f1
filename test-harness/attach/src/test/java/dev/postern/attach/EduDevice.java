package dev.postern.attach;

import dev.postern.machine.Machine;
import dev.postern.machine.RegisterSpace;

/** QEMU's device for teaching, whose interrupt line is raised and lowered by register writes. */
final class EduDevice {

    static final int SLOT = 3;

    /** Where the line of slot 3 ends, as the chipset routes it by default. */
    static final int GSI = 23;

    private static final int BAR = 0xd0000000;

    private final RegisterSpace registers;

    private EduDevice(RegisterSpace registers) {
        this.registers = registers;
    }

    static QemuQ35 machine() {
        return QemuQ35.builder().extraWords("-device", "edu,addr=" + SLOT).build();
    }

    static EduDevice enable(Machine machine) {
        ConfigPorts config = new ConfigPorts(machine);
        config.write32(0, SLOT, 0x10, BAR);
        config.write32(0, SLOT, 0x04, 2);
        return new EduDevice(machine.registers());
    }

    static long address() {
        return Integer.toUnsignedLong(BAR);
    }

    int identification() {
        return registers.read32(address());
    }

    /** Reads back the complement of what was written. */
    int complement(int value) {
        registers.write32(address() + 4, value);
        return registers.read32(address() + 4);
    }

    void raise(int bits) {
        registers.write32(address() + 0x60, bits);
    }

    void acknowledge(int bits) {
        registers.write32(address() + 0x64, bits);
    }
}
