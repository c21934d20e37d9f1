package dev.postern.emulated.virtio;

import dev.postern.emulated.dma.DmaIntent;
import dev.postern.emulated.dma.DmaPort;
import dev.postern.emulated.dma.DmaWindow;
import dev.postern.emulated.dma.Hold;
import dev.postern.emulated.virtio.QueueRegisters.Area;
import java.lang.invoke.VarHandle;
import java.util.List;

/**
 * The device side of a packed virtqueue (virtio 1.4, Packed Virtqueues), of any size from 1 to 32768.
 *
 * <p>A used descriptor is one 64-bit store of length, id and flags: its flags are never seen without the rest. Without EVENT_IDX
 * the device asks for no notifications while it works.
 */
final class PackedRing extends Ring {

    private static final int FLAG_AVAILABLE = 1 << 7;
    private static final int FLAG_USED = 1 << 15;

    private static final int EVENTS_ENABLED = 0;
    private static final int EVENTS_DISABLED = 1;
    private static final int EVENTS_AT_DESCRIPTOR = 2;

    /** Where flags lie in a descriptor. */
    private static final int FLAGS = 14;

    /** Where length, id and flags begin in a descriptor. */
    private static final int LENGTH = 8;

    private final DmaWindow ring;
    private final DmaWindow usedRing;
    private final DmaWindow driverEvents;
    private final DmaWindow deviceEvents;

    private long ringDva;
    private long driverDva;
    private long deviceDva;
    private int size;
    private boolean eventIndex;

    /** The next descriptor to read, and the wrap counter that goes with it. */
    private int nextAvailable;

    private int availableWrap;

    /** The flags there when it was last looked at. */
    private int seenFlags;

    /** The next used descriptor to write, and the device's wrap counter. */
    private int nextUsed;

    private int usedWrap;

    /** How many slots were used since the driver's wishes were last looked at. */
    private int untold;

    /** How many slots the batch has taken. */
    private int inBatch;

    private boolean askedForNone;

    PackedRing(VirtioDevice device, int index, DmaPort port) {
        super(device, index, port);
        ring = new DmaWindow(port, DmaIntent.READ, 16);
        usedRing = new DmaWindow(port, DmaIntent.WRITE, 16);
        driverEvents = new DmaWindow(port, DmaIntent.READ, 4);
        deviceEvents = new DmaWindow(port, DmaIntent.WRITE, 4);
    }

    @Override
    void begin(QueueRegisters registers) {
        size = registers.size();
        ringDva = registers.area(Area.DESCRIPTOR);
        driverDva = registers.area(Area.DRIVER);
        deviceDva = registers.area(Area.DEVICE);
        eventIndex = device.negotiated(Feature.EVENT_IDX);
        nextAvailable = 0;
        availableWrap = 1;
        seenFlags = 0;
        nextUsed = 0;
        usedWrap = 1;
        untold = 0;
        inBatch = 0;
        askedForNone = false;
    }

    @Override
    List<Hold> holdParts() {
        long bytes = (long) DESCRIPTOR_BYTES * size;
        return List.of(
                port.hold(ringDva, bytes, DmaIntent.READ),
                port.hold(ringDva, bytes, DmaIntent.WRITE),
                port.hold(driverDva, 4, DmaIntent.READ),
                port.hold(deviceDva, 4, DmaIntent.WRITE));
    }

    @Override
    void refresh() {
        long bytes = (long) DESCRIPTOR_BYTES * size;
        ring.open(ringDva, bytes);
        usedRing.open(ringDva, bytes);
        driverEvents.open(driverDva, 4);
        deviceEvents.open(deviceDva, 4);
    }

    // ---- available

    @Override
    Look beginBatch() {
        inBatch = 0;
        Look first = look();
        if (first == Look.READY && !eventIndex && !askedForNone) {
            askedForNone = true;
            if (!ask(EVENTS_DISABLED, 0)) {
                return Look.FAULTY;
            }
        }
        return first;
    }

    @Override
    Look look() {
        if (inBatch >= size) {
            return Look.EMPTY;
        }
        // An acquire: what the driver wrote before the flags is seen after them.
        int flags = ring.load16((long) DESCRIPTOR_BYTES * nextAvailable + FLAGS);
        if (flags == DmaPort.FAILED) {
            outOfReach("descriptor ring");
            return Look.FAULTY;
        }
        seenFlags = flags;
        return isAvailable(flags, availableWrap) ? Look.READY : Look.EMPTY;
    }

    private static boolean isAvailable(int flags, int wrap) {
        return (flags & FLAG_AVAILABLE) != 0 == (wrap == 1) && (flags & FLAG_USED) != 0 == (wrap == 0);
    }

    @Override
    boolean take() {
        chain.clear();
        slots = 0;
        int at = nextAvailable;
        int wrap = availableWrap;
        int flags = seenFlags;
        while (true) {
            if (!ring.fetch((long) DESCRIPTOR_BYTES * at)) {
                return outOfReach("descriptor ring");
            }
            if (slots > 0) {
                flags = (int) (ring.high() >>> 48);
                if (!isAvailable(flags, wrap)) {
                    return malformed("packed-ring:485", whose() + ": the descriptor at " + at + " is not available");
                }
            }
            slots++;
            id = (int) (ring.high() >>> 32) & 0xffff;
            if (!descriptor(flags)) {
                return false;
            }
            if (++at == size) {
                at = 0;
                wrap ^= 1;
            }
            if ((flags & FLAG_NEXT) == 0) {
                break;
            }
            if (slots == size) {
                return malformed("packed-ring:471", whose() + ": the list is longer than the queue");
            }
            if (slots == LONGEST_CHAIN) {
                return malformed("packed-ring:468", whose() + ": over " + LONGEST_CHAIN + " descriptors");
            }
        }
        nextAvailable = at;
        availableWrap = wrap;
        inBatch += slots;
        return true;
    }

    private boolean descriptor(int flags) {
        long bytes = ring.high() & 0xffff_ffffL;
        if ((flags & FLAG_INDIRECT) == 0) {
            return element("packed-ring:476", ring.low(), bytes, flags);
        }
        if (!device.negotiated(Feature.INDIRECT_DESC)) {
            return malformed("packed-ring:498", whose() + ": INDIRECT was not negotiated");
        }
        if (slots > 1 || (flags & FLAG_NEXT) != 0) {
            return malformed("packed-ring:505", whose() + ": INDIRECT in a list linked by NEXT");
        }
        return walkIndirect(ring.low(), bytes);
    }

    private boolean walkIndirect(long address, long bytes) {
        int entries = openIndirect(address, bytes);
        if (entries < 0) {
            return false;
        }
        if (entries > LONGEST_CHAIN) {
            return malformed("packed-ring:502", whose() + ": an indirect table of over " + LONGEST_CHAIN + " entries");
        }
        int stray = 0;
        for (int i = 0; i < entries; i++) {
            if (!indirect.fetch((long) DESCRIPTOR_BYTES * i)) {
                device.needsReset("an indirect table is out of reach");
                return false;
            }
            int flags = (int) (indirect.high() >>> 48);
            stray |= flags & ~FLAG_WRITE;
            if (!element("packed-ring:476", indirect.low(), indirect.high() & 0xffff_ffffL, flags)) {
                return false;
            }
        }
        if (stray != 0) {
            // Ignored, as packed-ring:270 asks.
            device.guestError("packed-ring:499", "queue %d: flags 0x%04x in an indirect table".formatted(index, stray));
        }
        if (entries > size) {
            // Served all the same, as by QEMU: an indirect table is the driver's own memory.
            device.guestError("packed-ring:471", "a list of %d elements in a queue of %d".formatted(entries, size));
        }
        return true;
    }

    @Override
    boolean caughtUp() {
        inBatch = 0;
        boolean asked = eventIndex
                ? ask(EVENTS_AT_DESCRIPTOR, nextAvailable | availableWrap << 15)
                : !askedForNone || ask(EVENTS_ENABLED, 0);
        askedForNone = false;
        if (!asked) {
            return true;
        }
        // Pairs with the fence between the driver's flags store and its read of the device area (packed-ring:650).
        VarHandle.fullFence();
        return look() != Look.READY;
    }

    /** Writes the device event suppression structure, in one store. */
    private boolean ask(int flags, int offsetAndWrap) {
        return deviceEvents.store32(0, flags << 16 | offsetAndWrap) || outOfReach("device area");
    }

    // ---- used

    /** Length is reserved in a used descriptor without WRITE (packed-ring:172), so it is 0 there. */
    @Override
    boolean put(int ahead, int usedId, int length, boolean wrote) {
        int slot = nextUsed + ahead;
        int wrap = usedWrap;
        if (slot >= size || slot < 0) {
            slot = Math.floorMod(slot, size);
            wrap ^= 1;
        }
        long flags = (wrap == 1 ? FLAG_AVAILABLE | FLAG_USED : 0) | (wrote ? FLAG_WRITE : 0);
        long bytes = wrote ? length & 0xffff_ffffL : 0;
        return usedRing.store64(
                (long) DESCRIPTOR_BYTES * slot + LENGTH, bytes | (usedId & 0xffffL) << 32 | flags << 48);
    }

    @Override
    void advance(int by) {
        untold += by;
        nextUsed += by;
        while (nextUsed >= size) {
            nextUsed -= size;
            usedWrap ^= 1;
        }
    }

    /** Nothing to do: {@link #put} is the release. */
    @Override
    boolean expose() {
        return true;
    }

    @Override
    boolean wanted() {
        int span = untold;
        untold = 0;
        int flags = driverEvents.load16(2);
        if (flags == DmaPort.FAILED) {
            return outOfReach("driver area");
        }
        if (flags > EVENTS_AT_DESCRIPTOR) {
            device.guestError(
                    flags == 3 ? "packed-ring:342" : "packed-ring:441",
                    "queue %d: driver event flags are 0x%04x".formatted(index, flags));
            return true;
        }
        if (flags != EVENTS_AT_DESCRIPTOR) {
            return flags == EVENTS_ENABLED;
        }
        if (!eventIndex) {
            device.guestError(
                    "packed-ring:339",
                    "queue " + index + ": an event at a descriptor, and EVENT_IDX was not negotiated");
            return true;
        }
        int event = driverEvents.load16(0);
        int offset = event & 0x7fff;
        if (offset >= size) {
            device.guestError(
                    "packed-ring:345", "queue %d: an event at descriptor %d of %d".formatted(index, offset, size));
            return true;
        }
        // How many slots lie between the event and where the next used descriptor goes; the one before that is 1 away.
        int back = event >>> 15 == usedWrap ? nextUsed - offset : nextUsed + size - offset;
        return back > 0 && back <= span;
    }

    // ---- notification data

    /**
     * The descriptor that comes next has not been made available in this lap, and the one before it has. Once it was, its AVAIL bit
     * equals the driver's wrap counter until the next lap, used or not.
     */
    @Override
    boolean truthful(int data) {
        int offset = data & 0x7fff;
        int wrap = data >>> 15;
        if (offset >= size) {
            return false;
        }
        boolean first = offset == 0;
        return availableBit(offset) != wrap && availableBit(first ? size - 1 : offset - 1) == (first ? wrap ^ 1 : wrap);
    }

    private int availableBit(int at) {
        return port.load16(ringDva + (long) DESCRIPTOR_BYTES * at + FLAGS) >>> 7 & 1;
    }

    @Override
    String dataClause() {
        return "packed-ring:460";
    }

    @Override
    String whose() {
        return "the buffer at descriptor " + nextAvailable;
    }
}
