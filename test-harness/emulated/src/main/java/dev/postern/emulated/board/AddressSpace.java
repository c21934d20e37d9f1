package dev.postern.emulated.board;

import dev.postern.machine.RegisterSpace;

/**
 * The physical address space as the CPU sees it, without RAM: an access is decoded to the registers that claim the
 * address now, and reads as all ones when none does.
 */
public final class AddressSpace implements RegisterSpace {

    private final Power power;
    private final Gate gate;
    private final GuestMemory memory;
    private final Decoder decoder;

    /** Finds who claims an address. */
    public interface Decoder {

        /** The claim on the address, or null when nothing answers there. */
        Claim claim(long pa);
    }

    /**
     * A range of addresses that one block of registers answers to.
     *
     * @param basePa its first address
     * @param length in bytes
     * @param registers what answers
     */
    public record Claim(long basePa, long length, RegisterBlock registers) {}

    /** An address space in which RAM wins over everything else. */
    public AddressSpace(Power power, Gate gate, GuestMemory memory, Decoder decoder) {
        this.power = power;
        this.gate = gate;
        this.memory = memory;
        this.decoder = decoder;
    }

    private long read(long pa, int width) {
        check(pa, width);
        Claim claim = decoder.claim(pa);
        if (claim == null) {
            return -1L;
        }
        gate.enter();
        try {
            return claim.registers().read(pa - claim.basePa(), width);
        } finally {
            gate.leave();
        }
    }

    private void write(long pa, int width, long value) {
        check(pa, width);
        Claim claim = decoder.claim(pa);
        if (claim == null) {
            return;
        }
        long offset = pa - claim.basePa();
        if (claim.registers().isDoorbell(offset, width)) {
            claim.registers().write(offset, width, value);
            return;
        }
        gate.enter();
        try {
            claim.registers().write(offset, width, value);
        } finally {
            gate.leave();
        }
    }

    private void check(long pa, int width) {
        power.check();
        if ((pa & (width - 1)) != 0) {
            throw new IllegalArgumentException(
                    "register access at 0x%x, %d bytes: align the address to the width".formatted(pa, width));
        }
        if (memory.regionOf(pa, width) != null) {
            throw new IllegalArgumentException(
                    "register access at 0x%x is an access to RAM: use the segments of ram()".formatted(pa));
        }
    }

    @Override
    public int read8(long pa) {
        return (int) read(pa, 1) & 0xff;
    }

    @Override
    public int read16(long pa) {
        return (int) read(pa, 2) & 0xffff;
    }

    @Override
    public int read32(long pa) {
        return (int) read(pa, 4);
    }

    @Override
    public long read64(long pa) {
        return read(pa, 8);
    }

    @Override
    public void write8(long pa, int value) {
        write(pa, 1, value & 0xff);
    }

    @Override
    public void write16(long pa, int value) {
        write(pa, 2, value & 0xffff);
    }

    @Override
    public void write32(long pa, int value) {
        write(pa, 4, value & 0xffff_ffffL);
    }

    @Override
    public void write64(long pa, long value) {
        write(pa, 8, value);
    }
}
