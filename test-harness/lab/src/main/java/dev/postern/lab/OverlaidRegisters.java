package dev.postern.lab;

import dev.postern.machine.RegisterSpace;
import java.util.Map;
import java.util.TreeMap;

/**
 * Registers some of whose bytes read as something else. Writes go where they always go. A read that touches none of these bytes is
 * passed on as it is, so that registers with side effects keep them.
 */
public final class OverlaidRegisters implements RegisterSpace {

    private final RegisterSpace inside;
    private final Map<Long, Integer> bytes = new TreeMap<>();

    /** Nothing is overlaid yet. */
    public OverlaidRegisters(RegisterSpace inside) {
        this.inside = inside;
    }

    /**
     * Lays bytes over registers.
     *
     * @param pa of the first byte
     * @param values 0 to 255 each
     */
    public OverlaidRegisters put(long pa, int... values) {
        for (int i = 0; i < values.length; i++) {
            bytes.put(pa + i, values[i]);
        }
        return this;
    }

    private long overlaid(long pa, int width, long value) {
        long seen = value;
        for (int i = 0; i < width; i++) {
            Integer other = bytes.get(pa + i);
            if (other != null) {
                seen = seen & ~(0xffL << 8 * i) | (long) other << 8 * i;
            }
        }
        return seen;
    }

    @Override
    public int read8(long pa) {
        return (int) overlaid(pa, 1, inside.read8(pa));
    }

    @Override
    public int read16(long pa) {
        return (int) overlaid(pa, 2, inside.read16(pa));
    }

    @Override
    public int read32(long pa) {
        return (int) overlaid(pa, 4, inside.read32(pa));
    }

    @Override
    public long read64(long pa) {
        return overlaid(pa, 8, inside.read64(pa));
    }

    @Override
    public void write8(long pa, int value) {
        inside.write8(pa, value);
    }

    @Override
    public void write16(long pa, int value) {
        inside.write16(pa, value);
    }

    @Override
    public void write32(long pa, int value) {
        inside.write32(pa, value);
    }

    @Override
    public void write64(long pa, long value) {
        inside.write64(pa, value);
    }
}
