package dev.postern.stress;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The device's side of a split queue of four entries, from split-ring.tex: just what a test needs of it. */
final class SplitDevice {

    private static final VarHandle U16 =
            ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle U32 =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle U64 =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    // split-ring.tex, line 190: le64 addr; le32 len; le16 flags; le16 next
    private static final int DESCRIPTOR = 16;
    private static final int INDIRECT = 4;
    // split-ring.tex, lines 293 and 390: le16 flags; le16 idx; ring[]; le16 used_event or avail_event
    private static final long FLAGS = 0;
    private static final long INDEX = 2;
    private static final long RING = 4;
    private static final long USED_EVENT = RING + 2 * StressQueue.ENTRIES;
    private static final long AVAIL_EVENT = RING + 8 * StressQueue.ENTRIES;

    private final HeapContext memory;
    private final MemorySegment descriptors;
    private final MemorySegment available;
    private final MemorySegment used;
    private int taken;
    private int usedIndex;

    SplitDevice(HeapContext memory) {
        this.memory = memory;
        descriptors = memory.segment(0);
        available = memory.segment(1);
        used = memory.segment(2);
    }

    /** Whether a chain waits. */
    boolean sees() {
        // Acquire: whatever the driver wrote before this index is seen after it.
        return ((short) U16.getAcquire(available, INDEX) & 0xffff) != taken;
    }

    /** Whether the chain that waits is what the driver built. */
    boolean seesWhole() {
        int head = (short) U16.get(available, RING + 2L * (taken % StressQueue.ENTRIES));
        MemorySegment table = descriptors;
        int first = head;
        if (((short) U16.get(table, (long) head * DESCRIPTOR + 12) & INDIRECT) != 0) {
            table = memory.at((long) U64.get(descriptors, (long) head * DESCRIPTOR));
            long offset = (long) U64.get(descriptors, (long) head * DESCRIPTOR) % (1 << 16);
            table = table.asSlice(offset);
            first = 0;
        }
        long one = (long) first * DESCRIPTOR;
        long two = ((short) U16.get(table, one + 14) & 0xffffL) * DESCRIPTOR;
        return (long) U64.get(table, one) == StressQueue.FIRST_DVA
                && (int) U32.get(table, one + 8) == StressQueue.FIRST_LENGTH
                && (short) U16.get(table, one + 12) == 1
                && (long) U64.get(table, two) == StressQueue.SECOND_DVA
                && (int) U32.get(table, two + 8) == StressQueue.SECOND_LENGTH
                && (short) U16.get(table, two + 12) == 2;
    }

    /** Asks for no notification (split-ring:551, without EVENT_IDX line 547). */
    void sleepSoundly() {
        U16.set(used, FLAGS, (short) 1);
        U16.set(used, AVAIL_EVENT, (short) (taken - 1));
    }

    /** Asks for a notification of the next chain. */
    void askByFlag() {
        U16.set(used, FLAGS, (short) 0);
    }

    /** The same with EVENT_IDX. */
    void askByIndex() {
        U16.set(used, AVAIL_EVENT, (short) taken);
    }

    /** Uses the chain that waits, and shows it (split-ring:479). */
    void use() {
        int head = (short) U16.get(available, RING + 2L * (taken % StressQueue.ENTRIES));
        long entry = RING + 8L * (usedIndex % StressQueue.ENTRIES);
        U32.set(used, entry, head);
        U32.set(used, entry + 4, 1);
        taken = taken + 1 & 0xffff;
        usedIndex = usedIndex + 1 & 0xffff;
        U16.setRelease(used, INDEX, (short) usedIndex);
    }

    /** Whether the driver wants a signal of what was used last, with EVENT_IDX (split-ring:375). */
    boolean wantsSignal() {
        return ((short) U16.get(available, USED_EVENT) & 0xffff) == (usedIndex - 1 & 0xffff);
    }
}
