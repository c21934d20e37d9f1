package dev.postern.attach;

import dev.postern.machine.Machine;
import dev.postern.machine.PortSpace;

/** Configuration space through the ports CF8 and CFC: just enough to find a device and place a BAR. */
final class ConfigPorts {

    private final PortSpace ports;

    ConfigPorts(Machine machine) {
        ports = machine.ports().orElseThrow();
    }

    int read32(int bus, int slot, int offset) {
        select(bus, slot, offset);
        return ports.in32(0xcfc);
    }

    void write32(int bus, int slot, int offset, int value) {
        select(bus, slot, offset);
        ports.out32(0xcfc, value);
    }

    private void select(int bus, int slot, int offset) {
        ports.out32(0xcf8, 1 << 31 | bus << 16 | slot << 11 | offset);
    }
}
