package dev.postern.bench;

import dev.postern.virtio.queue.QueueAddresses;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The device of a packed virtqueue (packed-ring:1). Buffers are one descriptor long. */
final class PackedDeviceSide implements DeviceSide {

    private static final VarHandle SHORT =
            ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle INT =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle LONG =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final QueueAddresses AT = OwnCode.data(MethodHandles.lookup(), QueueAddresses.class);
    private static final int SIZE = AT.size();
    private static final MemorySegment RING = RingRam.at(AT.descriptorDva(), 16L * SIZE);
    private static final MemorySegment DRIVER_EVENTS = RingRam.at(AT.driverDva(), 4);
    private static final MemorySegment DEVICE_EVENTS = RingRam.at(AT.deviceDva(), 4);
    private static final int MASK = SIZE - 1;
    private static final long WRITABLE = 2L << 48;
    private static final long AVAILABLE = 1L << 55;
    private static final long USED = 1L << 63;
    private static final long MARKS = AVAILABLE | USED;

    private final boolean inOrder;
    private int look;
    private boolean wrap = true;
    private long sum;
    private long signals;

    /** Made by {@link OwnCode} alone. */
    PackedDeviceSide(boolean inOrder) {
        this.inOrder = inOrder;
        // packed-ring:445: it looks by itself and needs no notification.
        SHORT.set(DEVICE_EVENTS, 2L, (short) 1);
    }

    @Override
    public int use() {
        int place = look;
        boolean inOrder = this.inOrder;
        long marks = wrap ? AVAILABLE : USED;
        long first = 16L * place;
        short firstFlags = 0;
        long total = 0;
        long last = 0;
        int count = 0;
        for (; count < SIZE; count++) {
            long at = 16L * (place & MASK);
            // Length, id and flags, in one read. Acquire: pairs with the driver's release of the flags.
            long word = (long) LONG.getAcquire(RING, at + 8);
            if ((word & MARKS) != marks) {
                break;
            }
            total += (long) LONG.get(RING, at);
            last = word;
            if ((word & WRITABLE) == 0) {
                // It wrote nothing into a buffer that it may only read.
                INT.set(RING, at + 8, 0);
                last &= ~0xffff_ffffL;
            }
            // Used: both flags as the wrap counter is.
            short back = (short) ((word & WRITABLE | (marks == AVAILABLE ? MARKS : 0)) >>> 48);
            if (count == 0) {
                firstFlags = back;
            } else if (!inOrder) {
                // Behind the first, whose flags are written last: the driver looks there only afterwards.
                SHORT.set(RING, at + 14, back);
            }
            if (++place == SIZE) {
                place = 0;
                marks ^= MARKS;
            }
        }
        if (count == 0) {
            return 0;
        }
        if (inOrder) {
            // packed-ring:284: one descriptor, with the id of the last buffer, stands for them all.
            SHORT.set(RING, first + 12, (short) (last >>> 32));
            INT.set(RING, first + 8, (int) last);
        }
        sum += total;
        look = place;
        wrap = marks == AVAILABLE;
        // Release: the other used descriptors are visible before the first.
        SHORT.setRelease(RING, first + 14, firstFlags);
        // Full: it is visible before the driver's wish is read.
        VarHandle.fullFence();
        if (((int) INT.get(DRIVER_EVENTS, 0L) >>> 16 & 3) != 1) {
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
