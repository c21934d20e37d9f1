package dev.postern.virtio.fuzz;

import dev.postern.dma.DeviceFaultException;
import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContexts;
import dev.postern.dma.HostileContext;
import dev.postern.virtio.fake.TestRam;
import dev.postern.virtio.queue.QueueAddresses;
import dev.postern.virtio.queue.QueueBrokenException;
import dev.postern.virtio.queue.QueueOptions;
import dev.postern.virtio.queue.Virtqueue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * A queue whose device writes what an input says, and what must hold whatever it writes: an id comes back only while its chain is
 * outstanding and was shown, and once; its length is at most what was posted writable; an ordered device's chains come in order;
 * nothing but {@link QueueBrokenException} is thrown; and closing finds every byte given back.
 */
final class FuzzedRing implements AutoCloseable {

    private static final int DESCRIPTOR = 16;
    /** split-ring:207, packed-ring:413: flags of a descriptor in either format, and the bit of a table. */
    private static final int SPLIT_FLAGS = 12;

    private static final int PACKED_FLAGS = 14;
    private static final int TABLE = 4;

    private static final int MOST_ENTRIES = 16;
    private static final int LONGEST_CHAIN = 6;
    private static final long NOT_OUTSTANDING = -1;

    private static final TestRam RAM = new TestRam(1 << 20);

    private final FuzzInput input;
    private final long freeBefore = RAM.frames().freeBytes();
    final HostileContext context;
    final Virtqueue queue;
    private final QueueAddresses at;
    private final long[] writable;
    private final Deque<Integer> hidden = new ArrayDeque<>();
    private final Deque<Integer> shown = new ArrayDeque<>();

    FuzzedRing(FuzzInput input) {
        this.input = input;
        QueueOptions options = options(input);
        context = DmaContexts.hostile(input.u8(), RAM.frames(), DmaConstraints.NONE, "q");
        queue = Virtqueue.open(options, context);
        at = queue.addresses();
        writable = new long[queue.size()];
        Arrays.fill(writable, NOT_OUTSTANDING);
    }

    private static QueueOptions options(FuzzInput input) {
        int kind = input.u8();
        boolean packed = (kind & 1) != 0;
        int size = 1 + input.below(MOST_ENTRIES);
        return new QueueOptions(
                "q",
                0,
                packed ? size : Integer.highestOneBit(size),
                1 + input.below(LONGEST_CHAIN),
                packed ? QueueOptions.Format.PACKED : QueueOptions.Format.SPLIT,
                (kind & 2) != 0 ? QueueOptions.Chaining.INDIRECT : QueueOptions.Chaining.DIRECT,
                (kind & 4) != 0 ? QueueOptions.UsedSignals.SUPPRESSED : QueueOptions.UsedSignals.WANTED,
                (kind & 8) != 0 ? QueueOptions.EventMarks.INDICES : QueueOptions.EventMarks.FLAGS,
                (kind & 16) != 0 ? QueueOptions.UseOrder.AS_AVAILABLE : QueueOptions.UseOrder.ANY);
    }

    // ---- the driver

    /**
     * Commits a chain of the input's shape.
     *
     * @return its id, or {@link Virtqueue#NONE} when there is no room or the queue is broken
     */
    int commit() {
        int buffers = 1 + input.below(queue.longestChain());
        if (!begin(buffers)) {
            return Virtqueue.NONE;
        }
        int readable = input.below(buffers + 1);
        long bytes = 0;
        for (int i = 0; i < buffers; i++) {
            int length = 1 + i;
            if (i < readable) {
                queue.readable(0x1000L + i, length);
            } else {
                queue.writable(0x2000L + i, length);
                bytes += length;
            }
        }
        int id = queue.commit();
        require(id >= 0 && id < queue.size(), "an id out of range was handed out");
        require(writable[id] == NOT_OUTSTANDING, "an id was handed out twice");
        writable[id] = bytes;
        hidden.add(id);
        return id;
    }

    /** Begins a chain and gives it up. */
    void abandon() {
        int buffers = 1 + input.below(queue.longestChain());
        if (begin(buffers)) {
            for (int i = input.below(buffers + 1); i > 0; i--) {
                queue.writable(0x3000, 1);
            }
            queue.abandon();
        }
    }

    private boolean begin(int buffers) {
        try {
            return queue.begin(buffers);
        } catch (QueueBrokenException _) {
            require(broken(), "an exception without a fault");
            return false;
        }
    }

    /** Shows what was committed. */
    void publish() {
        queue.publish();
        require(queue.notificationOffset() >>> 16 == 0, "a notification offset of more than 16 bits");
        shown.addAll(hidden);
        hidden.clear();
    }

    /** Whether the queue has met a fault. */
    boolean broken() {
        return queue.fault() != null;
    }

    /** Takes what the device used, as long as there is anything. */
    void pollAll() {
        int most = shown.size();
        int came = 0;
        while (pollOne() != Virtqueue.NONE) {
            came++;
            require(came <= most, "more chains came back than were shown");
        }
    }

    /** Takes the next chain that the device used, and judges it. */
    int pollOne() {
        int before = queue.outstanding();
        int id;
        try {
            id = queue.pollUsed();
        } catch (QueueBrokenException e) {
            require(broken(), "an exception without a fault");
            require(e.getMessage().indexOf('\n') < 0, "a fault of several lines");
            require(queue.outstanding() == before, "a fault that gives chains back");
            return Virtqueue.NONE;
        }
        if (id == Virtqueue.NONE) {
            require(queue.outstanding() == before, "chains vanished");
            return id;
        }
        require(id >= 0 && id < queue.size(), "an id out of range came back");
        require(writable[id] != NOT_OUTSTANDING, "a chain that is not outstanding came back");
        boolean ordered = queue.options().order() == QueueOptions.UseOrder.AS_AVAILABLE;
        require(!ordered || shown.peek() == id, "a chain of an ordered device came out of order");
        require(shown.remove(id), "a chain came back that the device was not shown");
        require(Integer.toUnsignedLong(queue.usedLength()) <= writable[id], "longer than what was posted writable");
        require(queue.outstanding() == before - 1, "a chain came back and is outstanding");
        writable[id] = NOT_OUTSTANDING;
        return id;
    }

    /** Forgets all that is outstanding, as after a reset. */
    void restart() {
        queue.restart();
        Arrays.fill(writable, NOT_OUTSTANDING);
        hidden.clear();
        shown.clear();
        require(!broken() && queue.outstanding() == 0, "a restarted queue is not whole");
        require(queue.hasRoom(queue.longestChain()), "a restarted queue is not empty");
    }

    // ---- the device

    /** Writes bytes of the input somewhere into the three areas or a table. */
    void scribble() {
        long base = switch (input.below(4)) {
            case 0 -> at.descriptorDva();
            case 1 -> at.driverDva();
            case 2 -> at.deviceDva();
            default -> tableNamedBy(input.below(queue.size()));
        };
        write(base + input.u8(), input.take(1 + input.below(DESCRIPTOR)));
    }

    /** Says in the right place, in words of the input, that something was used. */
    void use() {
        boolean packed = queue.options().format() == QueueOptions.Format.PACKED;
        int slot = input.below(queue.size());
        // Mostly an id that is outstanding, or nothing deeper is ever reached.
        int choice = input.u8();
        Integer oldest = shown.peek();
        int id = choice < 128 && oldest != null ? oldest : choice < 192 ? choice % queue.size() : input.s32();
        int length = input.u8() < 192 ? input.below(8) : input.s32();
        ByteBuffer bytes = ByteBuffer.allocate(DESCRIPTOR).order(ByteOrder.LITTLE_ENDIAN);
        if (packed) {
            short flags = (short) (input.u8() < 128 ? 0x8080 : 0);
            bytes.putInt(8, length).putShort(12, (short) id).putShort(PACKED_FLAGS, flags);
            write(at.descriptorDva() + (long) slot * DESCRIPTOR, bytes.array());
        } else {
            bytes.putInt(id).putInt(length);
            write(at.deviceDva() + 4 + 8L * slot, Arrays.copyOf(bytes.array(), 8));
            write(at.deviceDva() + 2, new byte[] {(byte) input.u8(), (byte) (input.u8() < 192 ? 0 : input.u8())});
        }
    }

    /** What a descriptor of the ring names as a table, whoever wrote it; an address of nothing when it names none. */
    private long tableNamedBy(int slot) {
        byte[] raw = context.deviceView().read(at.descriptorDva() + (long) slot * DESCRIPTOR, DESCRIPTOR);
        ByteBuffer descriptor = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
        boolean packed = queue.options().format() == QueueOptions.Format.PACKED;
        int flags = descriptor.getShort(packed ? PACKED_FLAGS : SPLIT_FLAGS);
        return (flags & TABLE) != 0 ? descriptor.getLong(0) : 0;
    }

    private void write(long dva, byte[] bytes) {
        try {
            context.deviceView().write(dva, bytes);
        } catch (DeviceFaultException _) {
            // The platform stops it; nothing was written.
            return;
        }
    }

    static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise);
        }
    }

    /** Closes all, and finds every byte given back. */
    @Override
    public void close() {
        queue.close();
        context.close();
        require(RAM.frames().freeBytes() == freeBefore, "memory was lost");
    }
}
