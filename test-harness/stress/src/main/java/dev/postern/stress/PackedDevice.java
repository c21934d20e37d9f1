package dev.postern.stress;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The device's side of a packed queue of four entries in its first round, from packed-ring.tex: just what a test needs of it. */
final class PackedDevice {

    private static final VarHandle U16 =
            ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle U32 =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle U64 =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    // packed-ring.tex, line 413: le64 addr; le32 len; le16 id; le16 flags
    private static final int DESCRIPTOR = 16;
    private static final long ID = 12;
    private static final long FLAGS = 14;
    private static final int NEXT = 1;
    private static final int WRITE = 2;
    private static final int INDIRECT = 4;
    // packed-ring.tex, lines 104 and 105
    private static final int AVAIL = 1 << 7;
    private static final int USED = 1 << 15;
    // packed-ring.tex, line 429: the place and its wrap counter, then the flags
    private static final int ALL = 0;
    private static final int NONE = 1;
    private static final int AT_PLACE = 2;
    private static final int WRAP = 1 << 15;

    private final HeapContext memory;
    private final MemorySegment ring;
    private final MemorySegment driverEvents;
    private final MemorySegment deviceEvents;
    private int next;
    private int usedAt;

    PackedDevice(HeapContext memory) {
        this.memory = memory;
        ring = memory.segment(0);
        driverEvents = memory.segment(1);
        deviceEvents = memory.segment(2);
    }

    /** Whether a chain waits. */
    boolean sees() {
        // Acquire: whatever the driver wrote before these flags is seen after them.
        int flags = (short) U16.getAcquire(ring, (long) next * DESCRIPTOR + FLAGS);
        return (flags & AVAIL) != 0 && (flags & USED) == 0;
    }

    /** Whether the chain that waits is what the driver built. */
    boolean seesWhole() {
        long one = (long) next * DESCRIPTOR;
        int flags = (short) U16.get(ring, one + FLAGS);
        if ((flags & INDIRECT) != 0) {
            long address = (long) U64.get(ring, one);
            MemorySegment table = memory.at(address).asSlice(address % (1 << 16));
            return (int) U32.get(ring, one + 8) == 2 * DESCRIPTOR
                    && isFirst(table, 0, 0)
                    && isSecond(table, DESCRIPTOR, 0);
        }
        return isFirst(ring, one, NEXT | AVAIL) && isSecond(ring, one + DESCRIPTOR, AVAIL);
    }

    private static boolean isFirst(MemorySegment table, long at, int flags) {
        return (long) U64.get(table, at) == StressQueue.FIRST_DVA
                && (int) U32.get(table, at + 8) == StressQueue.FIRST_LENGTH
                && (short) U16.get(table, at + FLAGS) == (short) flags;
    }

    private static boolean isSecond(MemorySegment table, long at, int flags) {
        return (long) U64.get(table, at) == StressQueue.SECOND_DVA
                && (int) U32.get(table, at + 8) == StressQueue.SECOND_LENGTH
                && (short) U16.get(table, at + FLAGS) == (short) (flags | WRITE);
    }

    /** Asks for no notification. */
    void sleepSoundly() {
        U32.set(deviceEvents, 0L, NONE << 16);
    }

    /** Asks for a notification of any chain. */
    void askByFlag() {
        U32.set(deviceEvents, 0L, ALL << 16);
    }

    /** Asks for a notification of the next chain, with EVENT_IDX. */
    void askByIndex() {
        U32.set(deviceEvents, 0L, AT_PLACE << 16 | WRAP | next);
    }

    /** Uses the chain that waits, of one entry, and shows it. */
    void use() {
        long at = (long) usedAt * DESCRIPTOR;
        int id = (short) U16.get(ring, (long) next * DESCRIPTOR + ID);
        U32.set(ring, at + 8, 1);
        U16.set(ring, at + ID, (short) id);
        next++;
        usedAt++;
        U16.setRelease(ring, at + FLAGS, (short) (AVAIL | USED | WRITE));
    }

    /** Whether the driver wants a signal of what was used last, with EVENT_IDX. */
    boolean wantsSignal() {
        int wish = (int) U32.get(driverEvents, 0L);
        return switch (wish >>> 16 & 3) {
            case ALL -> true;
            case AT_PLACE -> (wish & 0xffff) == (WRAP | usedAt - 1);
            default -> false;
        };
    }
}
