package dev.postern.attach;

import dev.postern.machine.RegisterSpace;

/** The physical address space of a machine without registers: reads as all ones, and ignores writes. */
final class NoRegisters implements RegisterSpace {

    private final GuestMemory ram;
    private final MachineEnd end;

    NoRegisters(GuestMemory ram, MachineEnd end) {
        this.ram = ram;
        this.end = end;
    }

    @Override
    public int read8(long pa) {
        check(pa, 1);
        return 0xff;
    }

    @Override
    public int read16(long pa) {
        check(pa, 2);
        return 0xffff;
    }

    @Override
    public int read32(long pa) {
        check(pa, 4);
        return -1;
    }

    @Override
    public long read64(long pa) {
        check(pa, 8);
        return -1;
    }

    @Override
    public void write8(long pa, int value) {
        check(pa, 1);
    }

    @Override
    public void write16(long pa, int value) {
        check(pa, 2);
    }

    @Override
    public void write32(long pa, int value) {
        check(pa, 4);
    }

    @Override
    public void write64(long pa, long value) {
        check(pa, 8);
    }

    private void check(long pa, int bytes) {
        end.check();
        ram.checkRegister(pa, bytes);
    }
}
