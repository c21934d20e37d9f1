package dev.postern.bench;

import dev.postern.virtio.queue.QueueAddresses;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The device of a split virtqueue (split-ring:39). Buffers are one descriptor long. */
final class SplitDeviceSide implements DeviceSide {

    private static final VarHandle SHORT =
            ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final QueueAddresses AT = OwnCode.data(MethodHandles.lookup(), QueueAddresses.class);
    private static final int MASK = AT.size() - 1;
    private static final MemorySegment TABLE = RingRam.at(AT.descriptorDva(), 16L * AT.size());
    private static final MemorySegment AVAILABLE = RingRam.at(AT.driverDva(), 6 + 2L * AT.size());
    private static final MemorySegment USED = RingRam.at(AT.deviceDva(), 6 + 8L * AT.size());
    private static final long WRITABLE = 2L << 32;

    private final boolean inOrder;
    private int seenAvailable;
    private int usedIndex;
    private long sum;
    private long signals;

    /** Made by {@link OwnCode} alone. */
    SplitDeviceSide(boolean inOrder) {
        this.inOrder = inOrder;
        // split-ring:520: it looks by itself and needs no notification.
        SHORT.set(USED, 0L, (short) 1);
    }

    @Override
    public int use() {
        int seen = seenAvailable;
        // Acquire: pairs with the driver's release of the index.
        int now = (short) SHORT.getAcquire(AVAILABLE, 2L) & 0xffff;
        int count = now - seen & 0xffff;
        if (count == 0) {
            return 0;
        }
        int index = usedIndex;
        long total = 0;
        long element = 0;
        for (int i = 0; i < count; i++) {
            int head = (short) SHORT.get(AVAILABLE, 4 + 2L * (seen + i & MASK)) & MASK;
            long at = 16L * head;
            total += (long) LONG.get(TABLE, at);
            long rest = (long) LONG.get(TABLE, at + 8);
            long written = (rest & WRITABLE) != 0 ? rest & 0xffff_ffffL : 0;
            element = written << 32 | head;
            if (!inOrder) {
                LONG.set(USED, 4 + 8L * (index + i & MASK), element);
            }
        }
        if (inOrder) {
            // split-ring:484: one element, that of the last buffer, stands for them all.
            LONG.set(USED, 4 + 8L * (index & MASK), element);
        }
        sum += total;
        seenAvailable = now;
        usedIndex = index + count & 0xffff;
        // Release: the elements are visible before the index.
        SHORT.setRelease(USED, 2L, (short) usedIndex);
        // Full: the index is visible before the driver's wish is read.
        VarHandle.fullFence();
        if (((short) SHORT.get(AVAILABLE, 0L) & 1) == 0) {
            signals++;
        }
        return count;
    }

    @Override
    public long seen() {
        return sum;
    }

    @Override
    public long signals() {
        return signals;
    }
}
