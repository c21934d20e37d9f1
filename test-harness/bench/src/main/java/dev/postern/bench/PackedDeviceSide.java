package dev.postern.bench;

import dev.postern.virtio.queue.QueueAddresses;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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
    private static final MemorySegment RAM = RingRam.BYTES_OF;
    private static final int WRITABLE = 2;
    private static final int AVAILABLE = 1 << 7;
    private static final int USED = 1 << 15;

    private final long ring;
    private final long driverEvents;
    private final int size;
    private final boolean inOrder;
    private int look;
    private boolean wrap = true;
    private long sum;
    private long signals;

    PackedDeviceSide(QueueAddresses at, boolean inOrder) {
        ring = at.descriptorDva() - RingRam.PA;
        driverEvents = at.driverDva() - RingRam.PA;
        size = at.size();
        this.inOrder = inOrder;
        // packed-ring:445: it looks by itself and needs no notification.
        SHORT.set(RAM, at.deviceDva() - RingRam.PA + 2, (short) 1);
    }

    @Override
    public int use() {
        int place = look;
        boolean turn = wrap;
        long first = ring + 16L * place;
        short firstFlags = 0;
        long total = 0;
        int lastId = 0;
        int lastLength = 0;
        int count = 0;
        for (; count < size; count++) {
            long at = ring + 16L * place;
            // Acquire: pairs with the driver's release of the flags.
            int flags = (short) SHORT.getAcquire(RAM, at + 14) & 0xffff;
            boolean available = (flags & AVAILABLE) != 0;
            if (available == ((flags & USED) != 0) || available != turn) {
                break;
            }
            total += (long) LONG.get(RAM, at);
            short back = (short) ((turn ? AVAILABLE | USED : 0) | flags & WRITABLE);
            lastId = (short) SHORT.get(RAM, at + 12);
            lastLength = (int) INT.get(RAM, at + 8);
            if (count == 0) {
                firstFlags = back;
            } else if (!inOrder) {
                // Behind the first, whose flags are written last: the driver looks there only afterwards.
                SHORT.set(RAM, at + 14, back);
            }
            if (++place == size) {
                place = 0;
                turn = !turn;
            }
        }
        if (count == 0) {
            return 0;
        }
        if (inOrder) {
            // packed-ring:264: one descriptor, with the id of the last buffer, stands for them all.
            SHORT.set(RAM, first + 12, (short) lastId);
            INT.set(RAM, first + 8, lastLength);
        }
        sum += total;
        look = place;
        wrap = turn;
        // Release: the other used descriptors are visible before the first.
        SHORT.setRelease(RAM, first + 14, firstFlags);
        // Full: it is visible before the driver's wish is read.
        VarHandle.fullFence();
        if (((int) INT.get(RAM, driverEvents) >>> 16 & 3) != 1) {
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
