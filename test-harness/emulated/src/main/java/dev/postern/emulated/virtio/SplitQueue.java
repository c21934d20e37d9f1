package dev.postern.emulated.virtio;

import dev.postern.emulated.Completion;
import dev.postern.emulated.board.DeviceWork;
import dev.postern.emulated.dma.DmaIntent;
import dev.postern.emulated.dma.DmaPort;
import dev.postern.emulated.dma.Hold;
import dev.postern.emulated.virtio.VirtioDevice.Board;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The device side of a split virtqueue (virtio 1.4, Split Virtqueues).
 *
 * <p>A notification marks the queue; when the CPU waits, all that is available then is served as one batch, and so on
 * until nothing is left. What the driver adds without a notification is not seen before the next one. Everything read
 * from memory is checked before it is used; what is malformed makes the device ask for a reset.
 */
final class SplitQueue {

    /** The longest chain that is served, as in QEMU (VIRTQUEUE_MAX_SIZE), whatever the queue size. */
    private static final int LONGEST_CHAIN = 1024;

    private static final int DESCRIPTOR_BYTES = 16;
    private static final int FLAG_NEXT = 1;
    private static final int FLAG_WRITE = 2;
    private static final int FLAG_INDIRECT = 4;

    private static final ValueLayout.OfLong LE64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt LE32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort LE16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final VirtioDevice device;
    private final int index;
    private final int maxSize;
    private final DmaPort port;
    private final DeviceWork work;
    private final Completion completion;
    private final SplittableRandom order;
    private final Runnable serve = this::serve;
    private final Chain chain;
    private final MemorySegment scratch = MemorySegment.ofArray(new byte[DESCRIPTOR_BYTES]);

    private int size;
    private int vector;
    private boolean enabled;
    private boolean hung;
    private long descriptorArea;
    private long driverArea;
    private long deviceArea;

    /** The three parts, mapped from the first look at them to a reset, as a back-end does. */
    private List<Hold> parts = List.of();

    private int nextAvailable;
    private int nextUsed;

    private int[] doneHeads;
    private int[] doneLengths;
    private long[] doneRequests;

    SplitQueue(VirtioDevice device, int index, int maxSize, DmaPort port, Board board) {
        this.device = device;
        this.index = index;
        this.maxSize = maxSize;
        this.port = port;
        this.work = board.work();
        this.completion = board.completion();
        this.order = new SplittableRandom(board.seed() + index);
        this.chain = new Chain(port);
        this.doneHeads = new int[maxSize];
        this.doneLengths = new int[maxSize];
        this.doneRequests = new long[maxSize];
        clear();
    }

    /** A reset of this queue alone. */
    void reset() {
        letGo();
        forget();
    }

    /** Unmaps the three parts. */
    void letGo() {
        parts.forEach(Hold::end);
        parts = List.of();
    }

    /** Forgets everything that the driver set up. */
    void forget() {
        work.remove(serve);
        clear();
    }

    private void clear() {
        size = maxSize;
        vector = VirtioDevice.NO_VECTOR;
        enabled = false;
        hung = false;
        descriptorArea = 0;
        driverArea = 0;
        deviceArea = 0;
        nextAvailable = 0;
        nextUsed = 0;
    }

    // ---- configuration, as the transport relays it

    int size() {
        return size;
    }

    void resize(int value) {
        if (frozen("queue_size")) {
            return;
        }
        if (Integer.bitCount(value) != 1 || value > maxSize) {
            device.guestError(
                    "transport-pci:507",
                    "queue %d: size %d is not a power of two up to %d".formatted(index, value, maxSize));
            return;
        }
        size = value;
    }

    int vector() {
        return vector;
    }

    void vector(int value) {
        if (enabled) {
            device.guestError("transport-pci:509", "queue " + index + ": queue_msix_vector written after enabling");
        }
        vector = device.checkedVector(value);
    }

    int enabled() {
        return enabled ? 1 : 0;
    }

    void enable(int value) {
        if (value == 0) {
            device.guestError("transport-pci:515", "queue " + index + ": 0 written to queue_enable");
            return;
        }
        if (value != 1 || enabled) {
            return;
        }
        if (!device.featuresFixed()) {
            device.guestError("content:521", "queue " + index + " was enabled before FEATURES_OK");
        }
        if ((descriptorArea & 15) != 0 || (driverArea & 1) != 0 || (deviceArea & 3) != 0) {
            device.guestError(
                    "split-ring:61",
                    "queue %d: areas at 0x%x, 0x%x, 0x%x are not aligned"
                            .formatted(index, descriptorArea, driverArea, deviceArea));
        }
        enabled = true;
        if (device.tracing()) {
            device.event("queue %d enabled, size %d".formatted(index, size));
        }
    }

    long area(Area area) {
        return switch (area) {
            case DESCRIPTOR -> descriptorArea;
            case DRIVER -> driverArea;
            case DEVICE -> deviceArea;
        };
    }

    void area(Area area, long address) {
        if (frozen("the address of an area")) {
            return;
        }
        switch (area) {
            case DESCRIPTOR -> descriptorArea = address;
            case DRIVER -> driverArea = address;
            case DEVICE -> deviceArea = address;
        }
    }

    /** The three parts of a queue. */
    enum Area {
        DESCRIPTOR,
        DRIVER,
        DEVICE
    }

    private boolean frozen(String field) {
        if (enabled) {
            device.guestError("transport-pci:509", "queue " + index + ": " + field + " written after enabling");
        }
        return enabled;
    }

    // ---- operation

    void notified() {
        if (!enabled) {
            device.guestError("transport-pci:509", "queue " + index + " was notified and is not enabled");
            return;
        }
        if (device.tracing()) {
            device.event("queue " + index + " notified");
        }
        work.add(serve);
    }

    private void mapParts() {
        if (parts.isEmpty()) {
            parts = List.of(
                    port.hold(descriptorArea, (long) DESCRIPTOR_BYTES * size, DmaIntent.READ),
                    port.hold(driverArea, 6 + 2L * size, DmaIntent.READ),
                    port.hold(deviceArea, 6 + 8L * size, DmaIntent.WRITE));
        }
    }

    private void serve() {
        if (enabled && device.live()) {
            mapParts();
        }
        while (enabled && device.live()) {
            int available = port.load16(driverArea + 2);
            if (available == DmaPort.FAILED) {
                device.needsReset("the available ring of queue " + index + " is out of reach");
                return;
            }
            int batch = available - nextAvailable & 0xffff;
            if (batch > size) {
                malformed(
                        "split-ring:321",
                        "the available index jumped from %d to %d".formatted(nextAvailable, available));
                return;
            }
            if (batch == 0) {
                if (caughtUp()) {
                    return;
                }
                continue;
            }
            int done = serveBatch(batch);
            publish(done);
            if (done < batch) {
                return;
            }
        }
    }

    /** Asks to be notified of the next buffer, and says whether none came in while asking. */
    private boolean caughtUp() {
        if (!device.negotiated(Feature.EVENT_IDX)) {
            return true;
        }
        if (!port.store16(deviceArea + 4 + 8L * size, nextAvailable)) {
            device.needsReset("the used ring of queue " + index + " is out of reach");
            return true;
        }
        // Pairs with the fence between the driver's index store and its read of avail_event (split-ring:698).
        VarHandle.fullFence();
        return port.load16(driverArea + 2) == nextAvailable;
    }

    /** Serves up to {@code batch} requests; returns how many are to be published. */
    private int serveBatch(int batch) {
        for (int i = 0; i < batch; i++) {
            if (hung || device.script().stalledAt(device.upcomingRequest())) {
                return i;
            }
            if (device.script().hangsAt(device.upcomingRequest())) {
                // Counted, so that the device works again after a reset.
                device.nextRequest();
                hung = true;
                return i;
            }
            int jump = device.script().usedIndexJump(device.upcomingRequest());
            if (jump != 0) {
                device.nextRequest();
                hung = true;
                nextUsed = nextUsed + jump & 0xffff;
                if (port.store16(deviceArea + 2, nextUsed)) {
                    device.bufferUsed(vector);
                }
                return i;
            }
            int head = port.load16(driverArea + 4 + 2L * (nextAvailable & size - 1));
            if (head == DmaPort.FAILED) {
                device.needsReset("the available ring of queue " + index + " is out of reach");
                return i;
            }
            if (!walk(head)) {
                return i;
            }
            long request = device.nextRequest();
            if (device.script().breaksAt(request)) {
                device.needsReset("told to at request " + request);
                return i;
            }
            long length = device.type().serve(request, chain);
            if (length == DeviceType.BROKEN) {
                device.needsReset("request " + request + " cannot be answered");
                return i;
            }
            nextAvailable = nextAvailable + 1 & 0xffff;
            doneHeads[i] = head;
            doneLengths[i] = (int) length;
            doneRequests[i] = request;
            if (device.tracing()) {
                device.event("queue %d head %d served, %d bytes written".formatted(index, head, length));
            }
        }
        return batch;
    }

    private void publish(int done) {
        if (done == 0) {
            return;
        }
        if (completion == Completion.SHUFFLED) {
            shuffle(done);
        }
        int before = nextUsed;
        for (int i = 0; i < done; i++) {
            long element = deviceArea + 4 + 8L * (nextUsed & size - 1);
            int id = device.script().usedId(doneRequests[i], doneHeads[i]);
            int length = device.script().usedLength(doneRequests[i], doneLengths[i]);
            if (!port.store32(element, id) || !port.store32(element + 4, length)) {
                device.needsReset("the used ring of queue " + index + " is out of reach");
                return;
            }
            nextUsed = nextUsed + 1 & 0xffff;
        }
        // A release: the elements, and the data before them, are visible with the index (split-ring:456, 458).
        if (!port.store16(deviceArea + 2, nextUsed)) {
            device.needsReset("the used ring of queue " + index + " is out of reach");
            return;
        }
        // Pairs with the driver's fence between its suppression and its look at the index.
        VarHandle.fullFence();
        if (wanted(before)) {
            device.bufferUsed(vector);
        }
    }

    private void shuffle(int done) {
        for (int i = done - 1; i > 0; i--) {
            int j = order.nextInt(i + 1);
            int head = doneHeads[i];
            doneHeads[i] = doneHeads[j];
            doneHeads[j] = head;
            int length = doneLengths[i];
            doneLengths[i] = doneLengths[j];
            doneLengths[j] = length;
            long request = doneRequests[i];
            doneRequests[i] = doneRequests[j];
            doneRequests[j] = request;
        }
    }

    /** Whether the driver wants to hear of the elements from {@code before} on (split-ring:360 to 376). */
    private boolean wanted(int before) {
        int flags = port.load16(driverArea);
        if (device.negotiated(Feature.EVENT_IDX)) {
            if (flags != 0) {
                device.guestError("split-ring:348", "queue %d: available flags are %d".formatted(index, flags));
            }
            int event = port.load16(driverArea + 4 + 2L * size);
            return (nextUsed - event - 1 & 0xffff) < (nextUsed - before & 0xffff);
        }
        if (flags > 1) {
            device.guestError("split-ring:341", "queue %d: available flags are %d".formatted(index, flags));
        }
        return (flags & 1) == 0;
    }

    // ---- descriptors

    /** Fills the chain from a head. False when it is malformed, and the device then asks for a reset. */
    private boolean walk(int head) {
        chain.clear();
        if (head >= size) {
            return malformed("qemu:head-range", "head %d in a queue of %d".formatted(head, size));
        }
        long table = descriptorArea;
        int entries = size;
        int next = head;
        int left = size;
        int length = 0;
        boolean inIndirect = false;
        while (true) {
            if (left-- == 0) {
                return malformed("split-ring:223", "the chain of head " + head + " is a loop");
            }
            if (++length > LONGEST_CHAIN) {
                return malformed(
                        "split-ring:271",
                        "the chain of head %d has over %d descriptors".formatted(head, LONGEST_CHAIN));
            }
            if (!port.read(table + (long) DESCRIPTOR_BYTES * next, scratch)) {
                device.needsReset("a descriptor table is out of reach");
                return false;
            }
            long address = scratch.get(LE64, 0);
            long bytes = scratch.get(LE32, 8) & 0xffff_ffffL;
            int flags = scratch.get(LE16, 12) & 0xffff;
            if ((flags & FLAG_INDIRECT) != 0) {
                if (!indirectAllowed(head, flags, bytes, inIndirect)) {
                    return false;
                }
                inIndirect = true;
                table = address;
                entries = (int) Math.min(bytes / DESCRIPTOR_BYTES, LONGEST_CHAIN + 1);
                next = 0;
                left = entries;
                length--;
                continue;
            }
            if (!element(head, address, bytes, flags)) {
                return false;
            }
            if ((flags & FLAG_NEXT) == 0) {
                break;
            }
            next = scratch.get(LE16, 14) & 0xffff;
            if (next >= entries) {
                return malformed("qemu:next-range", "next is %d in a table of %d".formatted(next, entries));
            }
        }
        if (length > size) {
            // Served all the same, as by QEMU: an indirect table is the driver's own memory.
            device.guestError("split-ring:271", "a chain of %d descriptors in a queue of %d".formatted(length, size));
        }
        return true;
    }

    private boolean indirectAllowed(int head, int flags, long bytes, boolean inIndirect) {
        if (!device.negotiated(Feature.INDIRECT_DESC)) {
            return malformed("split-ring:266", "head " + head + ": INDIRECT was not negotiated");
        }
        if (inIndirect) {
            return malformed("split-ring:267", "head " + head + ": an indirect table within an indirect table");
        }
        if ((flags & FLAG_NEXT) != 0) {
            return malformed("split-ring:274", "head " + head + ": INDIRECT together with NEXT");
        }
        if (bytes == 0 || bytes % DESCRIPTOR_BYTES != 0) {
            return malformed("qemu:indirect-size", "head %d: an indirect table of %d bytes".formatted(head, bytes));
        }
        return true;
    }

    private boolean element(int head, long address, long bytes, int flags) {
        if (bytes == 0) {
            return malformed("qemu:zero-length", "head " + head + ": a descriptor without length");
        }
        DmaIntent intent = (flags & FLAG_WRITE) != 0 ? DmaIntent.WRITE : DmaIntent.READ;
        if (intent == DmaIntent.READ && chain.writableBytes() > 0) {
            return malformed("split-ring:151", "head " + head + ": readable after writable");
        }
        if (chain.readableBytes() + chain.writableBytes() + bytes > 1L << 32) {
            return malformed("split-ring:223", "head " + head + ": more than 2^32 bytes");
        }
        if (!port.reaches(address, bytes, intent)) {
            device.needsReset("a buffer of head " + head + " is out of reach");
            return false;
        }
        chain.add(address, bytes, intent);
        return true;
    }

    private boolean malformed(String clause, String what) {
        device.guestError(clause, "queue " + index + ": " + what);
        device.needsReset(what);
        return false;
    }
}
