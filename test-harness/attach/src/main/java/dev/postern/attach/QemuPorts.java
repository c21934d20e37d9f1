package dev.postern.attach;

import dev.postern.machine.PortSpace;

/** The x86 port space over the test protocol. */
final class QemuPorts implements PortSpace {

    private final QtestClient qtest;

    QemuPorts(QtestClient qtest) {
        this.qtest = qtest;
    }

    @Override
    public int in8(int port) {
        return (int) qtest.read(QtestAccess.IN8, checked(port, 1));
    }

    @Override
    public int in16(int port) {
        return (int) qtest.read(QtestAccess.IN16, checked(port, 2));
    }

    @Override
    public int in32(int port) {
        return (int) qtest.read(QtestAccess.IN32, checked(port, 4));
    }

    @Override
    public void out8(int port, int value) {
        qtest.write(QtestAccess.OUT8, checked(port, 1), value & 0xff);
    }

    @Override
    public void out16(int port, int value) {
        qtest.write(QtestAccess.OUT16, checked(port, 2), value & 0xffff);
    }

    @Override
    public void out32(int port, int value) {
        qtest.write(QtestAccess.OUT32, checked(port, 4), Integer.toUnsignedLong(value));
    }

    private static int checked(int port, int bytes) {
        if (port < 0 || port > 0x10000 - bytes) {
            throw new IllegalArgumentException(
                    "port access of %d bytes at 0x%x: ports are 0 to 0xffff".formatted(bytes, port));
        }
        return port;
    }
}
