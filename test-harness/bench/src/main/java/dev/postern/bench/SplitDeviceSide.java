package dev.postern.bench;

import dev.postern.virtio.queue.QueueAddresses;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The device of a split virtqueue (split-ring:39). Buffers are one descriptor long. */
final class SplitDeviceSide implements DeviceSide {

    private static final VarHandle SHORT =
            ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final MemorySegment RAM = RingRam.BYTES_OF;
    private static final long WRITABLE = 2L << 32;

    private final long table;
    private final long available;
    private final long used;
    private final int mask;
    private final boolean inOrder;
    private int seenAvailable;
    private int usedIndex;
    private long sum;
    private long signals;

    SplitDeviceSide(QueueAddresses at, boolean inOrder) {
        table = at.descriptorDva() - RingRam.PA;
        available = at.driverDva() - RingRam.PA;
        used = at.deviceDva() - RingRam.PA;
        mask = at.size() - 1;
        this.inOrder = inOrder;
        // split-ring:520: it looks by itself and needs no notification.
        SHORT.set(RAM, used, (short) 1);
    }

    @Override
    public int use() {
        int seen = seenAvailable;
        // Acquire: pairs with the driver's release of the index.
        int now = (short) SHORT.getAcquire(RAM, available + 2) & 0xffff;
        int count = now - seen & 0xffff;
        if (count == 0) {
            return 0;
        }
        int index = usedIndex;
        long total = 0;
        long element = 0;
        for (int i = 0; i < count; i++) {
            int head = (short) SHORT.get(RAM, available + 4 + 2L * (seen + i & mask)) & 0xffff;
            long at = table + 16L * head;
            total += (long) LONG.get(RAM, at);
            long rest = (long) LONG.get(RAM, at + 8);
            long written = (rest & WRITABLE) != 0 ? rest & 0xffff_ffffL : 0;
            element = written << 32 | head;
            if (!inOrder) {
                LONG.set(RAM, used + 4 + 8L * (index + i & mask), element);
            }
        }
        if (inOrder) {
            // split-ring:484: one element, that of the last buffer, stands for them all.
            LONG.set(RAM, used + 4 + 8L * (index & mask), element);
        }
        sum += total;
        seenAvailable = now;
        usedIndex = index + count & 0xffff;
        // Release: the elements are visible before the index.
        SHORT.setRelease(RAM, used + 2, (short) usedIndex);
        // Full: the index is visible before the driver's wish is read.
        VarHandle.fullFence();
        if (((short) SHORT.get(RAM, available) & 1) == 0) {
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
