package dev.postern.emulated;

import dev.postern.machine.RegisterSpace;
import java.util.ArrayList;
import java.util.List;

/** The tests' own PCI set-up: numbers the buses, sizes and places BARs, opens windows. Written against the pins alone. */
final class PokedBuses {

    static final long ECAM = 0xb000_0000L;

    /** What was found: bus, slot and ids. */
    record Found(int bus, int slot, int vendor, int device, int headerType) {}

    private final RegisterSpace registers;
    private final List<Found> found = new ArrayList<>();
    private int lastBus;
    private long next32 = 0xc000_0000L;
    private long next64;

    PokedBuses(EmulatedMachine machine) {
        registers = machine.registers();
        long top = machine.ram().getLast().endPa();
        next64 = Math.max(top, 1L << 32) + (1L << 30) - 1 & -(1L << 30);
    }

    List<Found> found() {
        return found;
    }

    long config(int bus, int slot, int offset) {
        return ECAM + ((long) bus << 20) + ((long) slot << 15) + offset;
    }

    int read16(int bus, int slot, int offset) {
        return registers.read16(config(bus, slot, offset));
    }

    int read32(int bus, int slot, int offset) {
        return registers.read32(config(bus, slot, offset));
    }

    void write16(int bus, int slot, int offset, int value) {
        registers.write16(config(bus, slot, offset), value);
    }

    void write32(int bus, int slot, int offset, int value) {
        registers.write32(config(bus, slot, offset), value);
    }

    /** Sets up everything from the root bus down, with memory decoding and bus mastering on. */
    PokedBuses setUp() {
        scan(0);
        return this;
    }

    private void scan(int bus) {
        for (int slot = 0; slot < 32; slot++) {
            int id = read32(bus, slot, 0);
            if (id == -1) {
                continue;
            }
            int type = registers.read8(config(bus, slot, 0x0e)) & 0x7f;
            found.add(new Found(bus, slot, id & 0xffff, id >>> 16, type));
            placeBars(bus, slot, type == 1 ? 2 : 6);
            if (type == 1) {
                bridge(bus, slot);
            }
            write16(bus, slot, 0x04, 0x6);
        }
    }

    private void bridge(int bus, int slot) {
        int secondary = ++lastBus;
        write32(bus, slot, 0x18, bus | secondary << 8 | 0xff << 16);
        next32 = next32 + 0xf_ffff & ~0xf_ffffL;
        next64 = next64 + 0xf_ffff & ~0xf_ffffL;
        long start32 = next32;
        long start64 = next64;
        scan(secondary);
        next32 = next32 + 0xf_ffff & ~0xf_ffffL;
        next64 = next64 + 0xf_ffff & ~0xf_ffffL;
        write32(bus, slot, 0x18, bus | secondary << 8 | lastBus << 16);
        // An empty window has its base above its limit.
        long limit32 = next32 - 1;
        write32(bus, slot, 0x20, (int) (start32 >>> 16 & 0xfff0) | (int) (limit32 & 0xfff0_0000L));
        long limit64 = next64 - 1;
        write32(bus, slot, 0x24, (int) (start64 >>> 16 & 0xfff0) | (int) (limit64 & 0xfff0_0000L));
        write32(bus, slot, 0x28, (int) (start64 >>> 32));
        write32(bus, slot, 0x2c, (int) (limit64 >>> 32));
    }

    private void placeBars(int bus, int slot, int count) {
        for (int i = 0; i < count; i++) {
            int at = 0x10 + 4 * i;
            write32(bus, slot, at, -1);
            int low = read32(bus, slot, at);
            if (low == 0) {
                continue;
            }
            if ((low & 6) == 4) {
                write32(bus, slot, at + 4, -1);
                long size = -(low & 0xffff_fff0L | (long) read32(bus, slot, at + 4) << 32);
                next64 = next64 + size - 1 & -size;
                write32(bus, slot, at, (int) next64);
                write32(bus, slot, at + 4, (int) (next64 >>> 32));
                next64 += size;
                i++;
            } else {
                long size = -(low & 0xffff_fff0L) & 0xffff_ffffL;
                next32 = next32 + size - 1 & -size;
                write32(bus, slot, at, (int) next32);
                next32 += size;
            }
        }
    }

    /** The base of a BAR as it is programmed. */
    long bar(int bus, int slot, int index) {
        int low = read32(bus, slot, 0x10 + 4 * index);
        long base = low & 0xffff_fff0L;
        return (low & 6) == 4 ? base | (long) read32(bus, slot, 0x14 + 4 * index) << 32 : base;
    }

    /** The offset of the nth capability with an id, or 0. */
    int capability(int bus, int slot, int id, int nth) {
        int seen = 0;
        int at = read32(bus, slot, 0x34) & 0xfc;
        for (int steps = 0; at != 0 && steps < 48; steps++) {
            int header = read16(bus, slot, at);
            if ((header & 0xff) == id && seen++ == nth) {
                return at;
            }
            at = header >>> 8 & 0xfc;
        }
        return 0;
    }
}
