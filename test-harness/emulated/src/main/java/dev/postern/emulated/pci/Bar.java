package dev.postern.emulated.pci;

import dev.postern.emulated.board.RegisterBlock;

/**
 * One base address register and the registers behind it. Software finds the size by writing all ones: the bits below the
 * size stay zero.
 */
public final class Bar {

    private final ConfigSpace config;
    private final int offset;
    private final BarKind kind;
    private final long size;
    private final RegisterBlock registers;

    /** Size is a power of two, at least 16. */
    Bar(ConfigSpace config, int index, BarKind kind, long size, RegisterBlock registers) {
        this.config = config;
        this.offset = 0x10 + 4 * index;
        this.kind = kind;
        this.size = size;
        this.registers = registers;
        long mask = -size;
        config.set(offset, 4, kind.flags());
        config.allow(offset, 4, (int) mask & ~0xf);
        if (kind == BarKind.MEMORY_64_PREFETCHABLE) {
            config.allow(offset + 4, 4, (int) (mask >>> 32));
        }
    }

    /** Where software has put it. */
    long basePa() {
        long low = config.get(offset, 4) & 0xffff_fff0L;
        return kind == BarKind.MEMORY_32 ? low : low | (long) config.get(offset + 4, 4) << 32;
    }

    /** Size in bytes. */
    long size() {
        return size;
    }

    /** Whether an address falls into it, were it decoded. */
    boolean contains(long pa) {
        return Long.compareUnsigned(pa - basePa(), size) < 0;
    }

    /** What is behind it. */
    public RegisterBlock registers() {
        return registers;
    }

    /** The number of the register, 0 to 5. */
    int index() {
        return (offset - 0x10) / 4;
    }

    /** Back to address 0. */
    void reset() {
        config.set(offset, 4, kind.flags());
        if (kind == BarKind.MEMORY_64_PREFETCHABLE) {
            config.set(offset + 4, 4, 0);
        }
    }
}
