package dev.postern.attach;

import dev.postern.machine.RegisterSpace;

/**
 * Registers over the test protocol.
 *
 * <p>QEMU reads an address that belongs to no device as zero, not as all ones: its bus error is not passed on by the
 * protocol. Configuration space that is absent does read as all ones.
 */
final class QemuRegisters implements RegisterSpace {

    private final QtestClient qtest;
    private final GuestMemory ram;

    QemuRegisters(QtestClient qtest, GuestMemory ram) {
        this.qtest = qtest;
        this.ram = ram;
    }

    @Override
    public int read8(long pa) {
        return (int) qtest.read(QtestAccess.READ8, checked(pa, 1));
    }

    @Override
    public int read16(long pa) {
        return (int) qtest.read(QtestAccess.READ16, checked(pa, 2));
    }

    @Override
    public int read32(long pa) {
        return (int) qtest.read(QtestAccess.READ32, checked(pa, 4));
    }

    @Override
    public long read64(long pa) {
        return qtest.read(QtestAccess.READ64, checked(pa, 8));
    }

    @Override
    public void write8(long pa, int value) {
        qtest.write(QtestAccess.WRITE8, checked(pa, 1), value & 0xff);
    }

    @Override
    public void write16(long pa, int value) {
        qtest.write(QtestAccess.WRITE16, checked(pa, 2), value & 0xffff);
    }

    @Override
    public void write32(long pa, int value) {
        qtest.write(QtestAccess.WRITE32, checked(pa, 4), Integer.toUnsignedLong(value));
    }

    @Override
    public void write64(long pa, long value) {
        qtest.write(QtestAccess.WRITE64, checked(pa, 8), value);
    }

    private long checked(long pa, int bytes) {
        ram.checkRegister(pa, bytes);
        return pa;
    }
}
