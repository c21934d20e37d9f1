package dev.postern.emulated.dma;

import dev.postern.machine.RamRegion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A range of memory that a device looks at again and again, such as a part of a queue. Where every access would lead to the same bytes
 * of RAM and nobody has to hear of it, they are used in place; elsewhere each access asks the port. Nothing is allocated by an access.
 */
public final class DmaWindow {

    private static final VarHandle LE16 =
            ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle LE32 =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle LE64 =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private static final ValueLayout.OfLong ANY64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final DmaPort port;
    private final DmaIntent intent;
    private final int alignment;
    private final MemorySegment scratch = MemorySegment.ofArray(new byte[16]);
    private long dva;
    private long length;

    /** The RAM itself, or null where the port has to be asked. */
    private MemorySegment ram;

    /** Where the range begins in it. */
    private long start;

    private long low;
    private long high;

    /**
     * A closed window: it covers nothing yet.
     *
     * @param alignment of the widest single access, a power of two. A range without it is left to the port, which reports that
     */
    public DmaWindow(DmaPort port, DmaIntent intent, int alignment) {
        this.port = port;
        this.intent = intent;
        this.alignment = alignment;
    }

    /** Turns to another range, or looks anew how this one is reached. */
    public void open(long newDva, long newLength) {
        dva = newDva;
        length = newLength;
        long driven = port.driven(newDva);
        RamRegion region =
                (newDva & alignment - 1) == 0 && port.mayMaster() ? port.plainRam(newDva, newLength, intent) : null;
        ram = region == null ? null : region.segment();
        start = region == null ? 0 : driven - region.basePa();
    }

    /** Looks anew how the range is reached: bus mastering may have been turned off. */
    public void refresh() {
        open(dva, length);
    }

    /** As {@link DmaPort#load16}, at an offset into the range. */
    public int load16(long offset) {
        return ram == null ? port.load16(dva + offset) : (short) LE16.getAcquire(ram, start + offset) & 0xffff;
    }

    /** As {@link DmaPort#store16}, at an offset into the range. */
    public boolean store16(long offset, int value) {
        if (ram == null) {
            return port.store16(dva + offset, value);
        }
        LE16.setRelease(ram, start + offset, (short) value);
        return true;
    }

    /** As {@link DmaPort#store32}, at an offset into the range. */
    public boolean store32(long offset, int value) {
        if (ram == null) {
            return port.store32(dva + offset, value);
        }
        LE32.setRelease(ram, start + offset, value);
        return true;
    }

    /** As {@link DmaPort#store64}, at an offset into the range. */
    public boolean store64(long offset, long value) {
        if (ram == null) {
            return port.store64(dva + offset, value);
        }
        LE64.setRelease(ram, start + offset, value);
        return true;
    }

    /**
     * Reads 16 bytes, once, for {@link #low()} and {@link #high()} to give. Not one access, and it orders nothing.
     *
     * @return false when the access failed
     */
    public boolean fetch(long offset) {
        MemorySegment from = ram;
        long at = start + offset;
        if (from == null) {
            if (!port.read(dva + offset, scratch)) {
                return false;
            }
            from = scratch;
            at = 0;
        }
        low = from.get(ANY64, at);
        high = from.get(ANY64, at + 8);
        return true;
    }

    /** The first 8 of the bytes fetched last. */
    public long low() {
        return low;
    }

    /** The other 8. */
    public long high() {
        return high;
    }
}
