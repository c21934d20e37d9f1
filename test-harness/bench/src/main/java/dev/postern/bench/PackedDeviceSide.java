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
    private static final int WRITABLE = 2;
    private static final int AVAILABLE = 1 << 7;
    private static final int USED = 1 << 15;

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
        boolean turn = wrap;
        long first = 16L * place;
        short firstFlags = 0;
        long total = 0;
        long last = 0;
        int count = 0;
        for (; count < SIZE; count++) {
            long at = 16L * place;
            // Acquire: pairs with the driver's release of the flags.
            int flags = (short) SHORT.getAcquire(RING, at + 14) & 0xffff;
            boolean available = (flags & AVAILABLE) != 0;
            if (available == ((flags & USED) != 0) || available != turn) {
                break;
            }
            total += (long) LONG.get(RING, at);
            short back = (short) ((turn ? AVAILABLE | USED : 0) | flags & WRITABLE);
            // Id and length, in one read behind the acquire of the flags.
            last = (long) LONG.get(RING, at + 8);
            if ((flags & WRITABLE) == 0) {
                // It wrote nothing into a buffer that it may only read.
                INT.set(RING, at + 8, 0);
                last &= ~0xffff_ffffL;
            }
            if (count == 0) {
                firstFlags = back;
            } else if (!inOrder) {
                // Behind the first, whose flags are written last: the driver looks there only afterwards.
                SHORT.set(RING, at + 14, back);
            }
            if (++place == SIZE) {
                place = 0;
                turn = !turn;
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
        wrap = turn;
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
