package dev.postern.lab.backend;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.Optional;

/** The device side of a packed virtqueue (virtio 1.4, Packed Virtqueues). */
final class PackedDeviceRing extends DeviceRing {

    /** Where a ring stands that was never used: index 0 and wrap counter 1, of the driver below and of the device above. */
    static final int FRESH = 0x8000_8000;

    /** Of either event suppression structure. */
    static final long EVENT_BYTES = 4;

    private static final int AVAILABLE = 1 << 7;
    private static final int USED = 1 << 15;
    private static final int LENGTH = 8;
    private static final int FLAGS = 14;

    private static final int EVENTS_ENABLED = 0;
    private static final int EVENTS_AT_DESCRIPTOR = 2;

    private final MemorySegment ring;
    private final MemorySegment driverEvents;
    private final MemorySegment deviceEvents;

    private int nextAvailable;
    private int availableWrap;
    private int nextUsed;
    private int usedWrap;
    private int untold;

    PackedDeviceRing(
            MemoryTable table,
            long features,
            int size,
            MemorySegment ring,
            MemorySegment driverEvents,
            MemorySegment deviceEvents,
            int base) {
        super(table, features, size);
        this.ring = ring;
        this.driverEvents = driverEvents;
        this.deviceEvents = deviceEvents;
        nextAvailable = base & 0x7fff;
        availableWrap = base >>> 15 & 1;
        nextUsed = base >>> 16 & 0x7fff;
        usedWrap = base >>> 31;
    }

    private boolean isAvailable(int flags, int wrap) {
        return (flags & AVAILABLE) != 0 == (wrap == 1) && (flags & USED) != 0 == (wrap == 0);
    }

    private int flagsAt(int slot) {
        return loadShort(ring, (long) DESCRIPTOR * slot + FLAGS);
    }

    @Override
    Optional<Chain> take() throws PanicException {
        int flags = flagsAt(nextAvailable);
        if (!isAvailable(flags, availableWrap)) {
            return Optional.empty();
        }
        int at = nextAvailable;
        int wrap = availableWrap;
        int slots = 0;
        Chain chain = new Chain(at, 0);
        while (true) {
            long offset = (long) DESCRIPTOR * at;
            long address = ring.get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
            long length = ring.get(ValueLayout.JAVA_INT_UNALIGNED, offset + 8) & 0xffff_ffffL;
            int id = ring.get(ValueLayout.JAVA_SHORT_UNALIGNED, offset + 12) & 0xffff;
            if (!isAvailable(flags, wrap)) {
                throw new PanicException("a list goes on at descriptor %d, which is not available".formatted(at));
            }
            slots++;
            if ((flags & INDIRECT) != 0) {
                if (slots > 1 || (flags & NEXT) != 0) {
                    throw new PanicException("an indirect table in a list, at descriptor " + at);
                }
                addTable(chain, indirectTable(id, address, length));
            } else {
                add(chain, address, length, flags);
            }
            if (++at == size) {
                at = 0;
                wrap ^= 1;
            }
            if ((flags & NEXT) == 0) {
                nextAvailable = at;
                availableWrap = wrap;
                return Optional.of(chain.as(id, slots));
            }
            if (slots == size) {
                throw new PanicException("a list is longer than the ring of " + size);
            }
            flags = flagsAt(at);
        }
    }

    /** All of a table is one request; nothing in it links. */
    private void addTable(Chain chain, MemorySegment entries) throws PanicException {
        for (long offset = 0; offset < entries.byteSize(); offset += DESCRIPTOR) {
            add(
                    chain,
                    entries.get(ValueLayout.JAVA_LONG_UNALIGNED, offset),
                    entries.get(ValueLayout.JAVA_INT_UNALIGNED, offset + 8) & 0xffff_ffffL,
                    entries.get(ValueLayout.JAVA_SHORT_UNALIGNED, offset + FLAGS));
        }
    }

    @Override
    void use(int id, int slots, long length) {
        long flags = (usedWrap == 1 ? AVAILABLE | USED : 0) | (length != 0 ? WRITE : 0);
        storeLong(
                ring,
                (long) DESCRIPTOR * nextUsed + LENGTH,
                length & 0xffff_ffffL | (id & 0xffffL) << 32 | flags << 48);
        advance(slots);
    }

    private void advance(int slots) {
        untold += slots;
        nextUsed += slots;
        if (nextUsed >= size) {
            nextUsed -= size;
            usedWrap ^= 1;
        }
    }

    @Override
    void jump(int by) {
        for (int i = 0; i < Math.min(by, size); i++) {
            int flags = flagsAt(nextUsed) & ~(AVAILABLE | USED) | (usedWrap == 1 ? AVAILABLE | USED : 0);
            storeShort(ring, (long) DESCRIPTOR * nextUsed + FLAGS, flags);
            advance(1);
        }
    }

    @Override
    boolean callWanted() {
        // Pairs with the driver's fence between its wish and its look at the ring.
        VarHandle.fullFence();
        int span = untold;
        untold = 0;
        int flags = loadShort(driverEvents, 2);
        if (flags != EVENTS_AT_DESCRIPTOR) {
            return span > 0 && flags == EVENTS_ENABLED;
        }
        int event = loadShort(driverEvents, 0);
        int offset = event & 0x7fff;
        int back = event >>> 15 == usedWrap ? nextUsed - offset : nextUsed + size - offset;
        return back > 0 && back <= span;
    }

    @Override
    boolean rest() {
        if (negotiated(DeviceFeature.EVENT_IDX)) {
            storeShort(deviceEvents, 0, nextAvailable | availableWrap << 15);
            storeShort(deviceEvents, 2, EVENTS_AT_DESCRIPTOR);
        } else {
            storeShort(deviceEvents, 2, EVENTS_ENABLED);
        }
        VarHandle.fullFence();
        return isAvailable(flagsAt(nextAvailable), availableWrap);
    }

    @Override
    int base() {
        return nextAvailable | availableWrap << 15 | nextUsed << 16 | usedWrap << 31;
    }
}
