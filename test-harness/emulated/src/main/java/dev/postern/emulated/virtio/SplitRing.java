package dev.postern.emulated.virtio;

import dev.postern.emulated.dma.DmaIntent;
import dev.postern.emulated.dma.DmaPort;
import dev.postern.emulated.dma.DmaWindow;
import dev.postern.emulated.dma.Hold;
import dev.postern.emulated.virtio.QueueRegisters.Area;
import java.lang.invoke.VarHandle;
import java.util.List;

/** The device side of a split virtqueue (virtio 1.4, Split Virtqueues). */
final class SplitRing extends Ring {

    private final DmaWindow table;
    private final DmaWindow available;
    private final DmaWindow used;

    private long tableDva;
    private long availableDva;
    private long usedDva;
    private int size;
    private boolean eventIndex;
    private boolean inOrder;

    /** The available index as it was last read. */
    private int offered;

    private int nextAvailable;
    private int nextUsed;
    private int told;

    SplitRing(VirtioDevice device, int index, DmaPort port) {
        super(device, index, port);
        table = new DmaWindow(port, DmaIntent.READ, 16);
        available = new DmaWindow(port, DmaIntent.READ, 2);
        used = new DmaWindow(port, DmaIntent.WRITE, 4);
    }

    @Override
    void begin(QueueRegisters registers) {
        size = registers.size();
        tableDva = registers.area(Area.DESCRIPTOR);
        availableDva = registers.area(Area.DRIVER);
        usedDva = registers.area(Area.DEVICE);
        eventIndex = device.negotiated(Feature.EVENT_IDX);
        inOrder = device.negotiated(Feature.IN_ORDER);
        offered = 0;
        nextAvailable = 0;
        nextUsed = 0;
        told = 0;
    }

    @Override
    List<Hold> holdParts() {
        return List.of(
                port.hold(tableDva, (long) DESCRIPTOR_BYTES * size, DmaIntent.READ),
                port.hold(availableDva, 6 + 2L * size, DmaIntent.READ),
                port.hold(usedDva, 6 + 8L * size, DmaIntent.WRITE));
    }

    @Override
    void refresh() {
        table.open(tableDva, (long) DESCRIPTOR_BYTES * size);
        available.open(availableDva, 6 + 2L * size);
        used.open(usedDva, 6 + 8L * size);
    }

    // ---- available

    @Override
    Look beginBatch() {
        int now = available.load16(2);
        if (now == DmaPort.FAILED) {
            outOfReach("available ring");
            return Look.FAULTY;
        }
        if ((now - nextAvailable & 0xffff) > size) {
            malformed("split-ring:321", "the available index jumped from %d to %d".formatted(nextAvailable, now));
            return Look.FAULTY;
        }
        offered = now;
        return look();
    }

    @Override
    Look look() {
        return nextAvailable == offered ? Look.EMPTY : Look.READY;
    }

    @Override
    boolean take() {
        int head = available.load16(4 + 2L * (nextAvailable & size - 1));
        if (head == DmaPort.FAILED) {
            return outOfReach("available ring");
        }
        id = head;
        slots = 1;
        if (!walk(head)) {
            return false;
        }
        nextAvailable = nextAvailable + 1 & 0xffff;
        return true;
    }

    @Override
    boolean caughtUp() {
        if (!eventIndex) {
            return true;
        }
        if (!used.store16(4 + 8L * size, nextAvailable)) {
            outOfReach("used ring");
            return true;
        }
        // Pairs with the fence between the driver's index store and its read of avail_event (split-ring:698).
        VarHandle.fullFence();
        return available.load16(2) == nextAvailable;
    }

    // ---- used

    @Override
    boolean put(int ahead, int usedId, int length, boolean wrote) {
        long element = 4 + 8L * (nextUsed + ahead & size - 1);
        return used.store32(element, usedId) && used.store32(element + 4, length);
    }

    @Override
    void advance(int by) {
        nextUsed = nextUsed + by & 0xffff;
    }

    @Override
    boolean expose() {
        // A release: the elements, and the data before them, are visible with the index (split-ring:456, 458).
        return used.store16(2, nextUsed);
    }

    /** As split-ring:360 to 376 say. */
    @Override
    boolean wanted() {
        int before = told;
        told = nextUsed;
        int flags = available.load16(0);
        if (eventIndex) {
            if (flags != 0) {
                device.guestError("split-ring:348", "queue %d: available flags are %d".formatted(index, flags));
            }
            int event = available.load16(4 + 2L * size);
            return (nextUsed - event - 1 & 0xffff) < (nextUsed - before & 0xffff);
        }
        if (flags > 1) {
            device.guestError("split-ring:341", "queue %d: available flags are %d".formatted(index, flags));
        }
        return (flags & 1) == 0;
    }

    // ---- notification data

    /** The available index in whole: 15 bits of next_off, the highest in next_wrap. */
    @Override
    boolean truthful(int data) {
        return port.load16(availableDva + 2) == data;
    }

    @Override
    String dataClause() {
        return "content:476";
    }

    // ---- descriptors

    @Override
    String whose() {
        return "head " + id;
    }

    /** Fills the chain from a head. */
    private boolean walk(int head) {
        chain.clear();
        if (head >= size) {
            return malformed("qemu:head-range", "head %d in a queue of %d".formatted(head, size));
        }
        DmaWindow from = table;
        int entries = size;
        int at = head;
        int left = size;
        int length = 0;
        while (true) {
            if (left-- == 0) {
                return malformed("split-ring:223", "the chain of head " + head + " is a loop");
            }
            if (++length > LONGEST_CHAIN) {
                return malformed(
                        "split-ring:271",
                        "the chain of head %d has over %d descriptors".formatted(head, LONGEST_CHAIN));
            }
            if (!from.fetch((long) DESCRIPTOR_BYTES * at)) {
                device.needsReset("a descriptor table is out of reach");
                return false;
            }
            long bytes = from.high() & 0xffff_ffffL;
            int flags = (int) (from.high() >>> 32) & 0xffff;
            if ((flags & FLAG_INDIRECT) != 0) {
                if (!indirectAllowed(flags, from)) {
                    return false;
                }
                entries = openIndirect(from.low(), bytes);
                if (entries < 0) {
                    return false;
                }
                from = indirect;
                at = 0;
                left = entries;
                length--;
                continue;
            }
            if (!element("split-ring:151", from.low(), bytes, flags)) {
                return false;
            }
            if ((flags & FLAG_NEXT) == 0) {
                break;
            }
            int next = (int) (from.high() >>> 48);
            if (next >= entries) {
                return malformed("qemu:next-range", "next is %d in a table of %d".formatted(next, entries));
            }
            checkOrder(from, at, next);
            at = next;
        }
        if (length > size) {
            // Served all the same, as by QEMU: an indirect table is the driver's own memory.
            device.guestError("split-ring:271", "a chain of %d descriptors in a queue of %d".formatted(length, size));
        }
        return true;
    }

    /** With IN_ORDER descriptors lie one behind the other. They are served as they are linked all the same. */
    private void checkOrder(DmaWindow from, int at, int next) {
        if (!inOrder) {
            return;
        }
        int expected = from == table ? at + 1 & size - 1 : at + 1;
        if (next != expected) {
            device.guestError(
                    from == table ? "split-ring:226" : "split-ring:277",
                    "queue %d: descriptor %d is followed by %d with IN_ORDER".formatted(index, at, next));
        }
    }

    private boolean indirectAllowed(int flags, DmaWindow from) {
        if (!device.negotiated(Feature.INDIRECT_DESC)) {
            return malformed("split-ring:266", whose() + ": INDIRECT was not negotiated");
        }
        if (from == indirect) {
            return malformed("split-ring:267", whose() + ": an indirect table within an indirect table");
        }
        if ((flags & FLAG_NEXT) != 0) {
            return malformed("split-ring:274", whose() + ": INDIRECT together with NEXT");
        }
        return true;
    }
}
