package dev.postern.emulated.pci;

import dev.postern.emulated.board.Gate;
import dev.postern.emulated.board.Power;
import dev.postern.machine.PortSpace;

/**
 * The port space, in which only PCI configuration mechanism 1 answers: an address written to 0xCF8 with 32 bits, data at
 * 0xCFC to 0xCFF with any width (PCI Local Bus 3.0, 3.2.2.3.2).
 */
public final class ConfigPorts implements PortSpace {

    private static final int ADDRESS = 0xcf8;
    private static final int DATA = 0xcfc;
    private static final int ENABLE = 0x8000_0000;

    private final Power power;
    private final Gate gate;
    private final PciHost host;
    private int address;

    /** Ports that lead to the buses of {@code host}. */
    public ConfigPorts(Power power, Gate gate, PciHost host) {
        this.power = power;
        this.gate = gate;
        this.host = host;
    }

    private int in(int port, int width) {
        check(port, width);
        if (port == ADDRESS && width == 4) {
            return address;
        }
        if (!data(port, width)) {
            return -1;
        }
        gate.enter();
        try {
            return host.read(address >>> 16 & 0xff, address >>> 8 & 0xff, offset(port), width);
        } finally {
            gate.leave();
        }
    }

    private void out(int port, int width, int value) {
        check(port, width);
        if (port == ADDRESS && width == 4) {
            address = value & 0x80ff_fffc;
        } else if (data(port, width)) {
            gate.enter();
            try {
                host.write(address >>> 16 & 0xff, address >>> 8 & 0xff, offset(port), width, value);
            } finally {
                gate.leave();
            }
        }
    }

    private boolean data(int port, int width) {
        return port >= DATA && port + width <= DATA + 4 && (address & ENABLE) != 0;
    }

    private int offset(int port) {
        return (address & 0xfc) + (port - DATA);
    }

    private void check(int port, int width) {
        power.check();
        if (port < 0 || port + width > 0x10000) {
            throw new IllegalArgumentException("port 0x%x, %d bytes: ports are 0 to 0xffff".formatted(port, width));
        }
    }

    @Override
    public int in8(int port) {
        return in(port, 1) & 0xff;
    }

    @Override
    public int in16(int port) {
        return in(port, 2) & 0xffff;
    }

    @Override
    public int in32(int port) {
        return in(port, 4);
    }

    @Override
    public void out8(int port, int value) {
        out(port, 1, value & 0xff);
    }

    @Override
    public void out16(int port, int value) {
        out(port, 2, value & 0xffff);
    }

    @Override
    public void out32(int port, int value) {
        out(port, 4, value);
    }
}
