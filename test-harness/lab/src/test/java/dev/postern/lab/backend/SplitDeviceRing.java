package dev.postern.lab.backend;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.Optional;

/** The device side of a split virtqueue (virtio 1.4, Split Virtqueues). */
final class SplitDeviceRing extends DeviceRing {

    private static final int NO_INTERRUPT = 1;

    private final MemorySegment descriptors;
    private final MemorySegment available;
    private final MemorySegment used;

    private int nextAvailable;
    private int nextUsed;
    private int told;

    /**
     * A ring.
     *
     * @param base the available index to go on with; the used index is read from memory (vhost-user, SET_VRING_BASE)
     */
    SplitDeviceRing(
            MemoryTable table,
            long features,
            int size,
            MemorySegment descriptors,
            MemorySegment available,
            MemorySegment used,
            int base) {
        super(table, features, size);
        this.descriptors = descriptors;
        this.available = available;
        this.used = used;
        nextAvailable = base;
        nextUsed = loadShort(used, 2);
        told = nextUsed;
    }

    static long availableBytes(int size) {
        return 6 + 2L * size;
    }

    static long usedBytes(int size) {
        return 6 + 8L * size;
    }

    /** How many requests were offered from the place on where it stands. */
    int pending() {
        return loadShort(available, 2) - nextAvailable & 0xffff;
    }

    int nextUsed() {
        return nextUsed;
    }

    @Override
    Optional<Chain> take() throws PanicException {
        int pending = pending();
        if (pending == 0) {
            return Optional.empty();
        }
        if (pending > size) {
            throw new PanicException("the available index is %d ahead in a ring of %d".formatted(pending, size));
        }
        int head = loadShort(available, 4 + 2L * (nextAvailable & size - 1));
        Chain chain = walk(head);
        nextAvailable = nextAvailable + 1 & 0xffff;
        return Optional.of(chain);
    }

    /** A request that was taken over an earlier connection: the one that comes next is further on by it. */
    Chain again(int head) throws PanicException {
        nextAvailable = nextAvailable + 1 & 0xffff;
        return walk(head);
    }

    private Chain walk(int head) throws PanicException {
        if (head >= size) {
            throw new PanicException("head %d in a ring of %d".formatted(head, size));
        }
        Chain chain = new Chain(head, 1);
        MemorySegment from = descriptors;
        int entries = size;
        int at = head;
        for (int left = size; ; left--) {
            long offset = (long) DESCRIPTOR * at;
            long address = from.get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
            long length = from.get(ValueLayout.JAVA_INT_UNALIGNED, offset + 8) & 0xffff_ffffL;
            int flags = from.get(ValueLayout.JAVA_SHORT_UNALIGNED, offset + 12) & 0xffff;
            int next = from.get(ValueLayout.JAVA_SHORT_UNALIGNED, offset + 14) & 0xffff;
            if (left == 0) {
                throw new PanicException("the chain of head %d is a loop".formatted(head));
            }
            if ((flags & INDIRECT) != 0) {
                if (from != descriptors || (flags & NEXT) != 0) {
                    throw new PanicException(
                            "an indirect table in a table, or with NEXT, in the chain of head " + head);
                }
                from = indirectTable(head, address, length);
                entries = (int) (length / DESCRIPTOR);
                left = entries + 1;
                at = 0;
                continue;
            }
            add(chain, address, length, flags);
            if ((flags & NEXT) == 0) {
                return chain;
            }
            if (next >= entries) {
                throw new PanicException(
                        "next is %d in a table of %d, in the chain of head %d".formatted(next, entries, head));
            }
            at = next;
        }
    }

    @Override
    void use(int id, int slots, long length) {
        long element = 4 + 8L * (nextUsed & size - 1);
        used.set(ValueLayout.JAVA_INT_UNALIGNED, element, id);
        used.set(ValueLayout.JAVA_INT_UNALIGNED, element + 4, (int) length);
        jump(1);
    }

    @Override
    void jump(int by) {
        nextUsed = nextUsed + by & 0xffff;
        storeShort(used, 2, nextUsed);
    }

    @Override
    boolean callWanted() {
        // Pairs with the driver's fence between its wish and its look at the used index.
        VarHandle.fullFence();
        int before = told;
        told = nextUsed;
        if (negotiated(DeviceFeature.EVENT_IDX)) {
            int event = loadShort(available, 4 + 2L * size);
            return (nextUsed - event - 1 & 0xffff) < (nextUsed - before & 0xffff);
        }
        return nextUsed != before && (loadShort(available, 0) & NO_INTERRUPT) == 0;
    }

    @Override
    boolean rest() {
        if (negotiated(DeviceFeature.EVENT_IDX)) {
            storeShort(used, 4 + 8L * size, nextAvailable);
        }
        VarHandle.fullFence();
        return pending() != 0;
    }

    @Override
    int base() {
        return nextAvailable;
    }
}
