package dev.postern.virtio.queue;

import static dev.postern.virtio.queue.Descriptor.*;
import static dev.postern.virtio.queue.SplitLayout.*;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.List;

/** A split virtqueue (split-ring:39). The id of a chain is its head: the index of its first descriptor. */
final class SplitQueue extends Virtqueue {

    @Folded
    private final int mask;

    @Folded
    private final boolean eventIndices;

    @Folded
    private final MemorySegment descriptorArea;

    @Folded
    private final MemorySegment availableRing;

    @Folded
    private final MemorySegment usedRing;

    /** Free descriptors as a stack, which the device cannot reach. An ordered queue takes them round the ring and has no use for it. */
    @Folded
    private final int[] free;

    /** The descriptor behind each one of a chain. */
    @Folded
    private final int[] nextOf;

    private int freeCount;
    /** In an ordered queue: the next free descriptor. */
    private int nextFree;

    private int committedIndex;
    private int publishedIndex;
    private int seenUsedIndex;
    private int knownUsedIndex;
    private long word;

    SplitQueue(QueueParts parts) {
        super(parts);
        mask = size - 1;
        eventIndices = options.events() == QueueOptions.EventMarks.INDICES;
        descriptorArea = parts.descriptorArea().segment();
        availableRing = parts.driverArea().segment();
        usedRing = parts.deviceArea().segment();
        free = parts.free();
        nextOf = parts.nextOf();
        restart();
    }

    @Override
    void clearRings() {
        descriptorArea.fill((byte) 0);
        availableRing.fill((byte) 0);
        // split-ring:515: the flags of the used ring start as 0; all else in it must not outlive the reset either.
        usedRing.fill((byte) 0);
        if (options.signals() == QueueOptions.UsedSignals.SUPPRESSED) {
            suppressSignals();
        }
        for (int i = 0; i < size; i++) {
            free[i] = size - 1 - i;
        }
        nextFree = 0;
        freeCount = size;
        committedIndex = 0;
        publishedIndex = 0;
        seenUsedIndex = 0;
        knownUsedIndex = 0;
    }

    private void suppressSignals() {
        if (eventIndices) {
            // split-ring:348: the flag stays 0. An index that was just passed is not met again for 2^16 - 1 chains.
            U16.set(availableRing, usedEvent(size), (short) -1);
        } else {
            U16.set(availableRing, RING_FLAGS, AVAIL_NO_INTERRUPT);
        }
    }

    // ---- chains

    @Override
    int freeEntries() {
        return freeCount;
    }

    /** The descriptor for element {@code element} of the next chain; an ordered queue goes round the ring (split-ring:402). */
    private int slot(int element) {
        return ordered ? nextFree + element & mask : free[freeCount - 1 - element];
    }

    @Override
    void startChain() {}

    @Override
    void writeElement(long dva, int length, short flags) {
        boolean more = added < elements - 1;
        short allFlags = more ? (short) (flags | NEXT) : flags;
        if (indirect) {
            int head = slot(0);
            writeDescriptor(
                    tables.segment(head),
                    tables.offset(head, elements) + (long) added * BYTES,
                    dva,
                    length,
                    allFlags,
                    more ? added + 1 : 0);
        } else {
            int slot = slot(added);
            int next = more ? slot(added + 1) : 0;
            nextOf[slot] = next;
            writeDescriptor(descriptorArea, (long) slot * BYTES, dva, length, allFlags, next);
        }
    }

    @Override
    int finishChain(int entries) {
        int head = slot(0);
        if (indirect) {
            // split-ring:274: no NEXT beside INDIRECT. WRITE would be ignored there (split-ring:282).
            writeDescriptor(
                    descriptorArea, (long) head * BYTES, tables.dva(head, elements), elements * BYTES, INDIRECT, 0);
        }
        nextFree = nextFree + entries & mask;
        freeCount -= entries;
        U16.set(availableRing, RING_ENTRIES + (long) (committedIndex & mask) * AVAILABLE_ENTRY_BYTES, (short) head);
        committedIndex = committedIndex + 1 & 0xffff;
        return head;
    }

    @Override
    void freeChain(int id, int entries) {
        if (!ordered) {
            // The last of the chain goes down first, so that a chain as long finds them in the same order.
            int slot = id;
            for (int i = freeCount + entries - 1; i >= freeCount; i--) {
                free[i] = slot;
                slot = nextOf[slot];
            }
        }
        freeCount += entries;
    }

    @Override
    void freeAhead(int entries) {
        freeCount += entries;
    }

    @Override
    int commitBurst(long[] dvas, int[] lengths, int[] ids, int count, short flags) {
        int burst = Math.min(count, freeCount);
        int top = freeCount - 1;
        int first = nextFree;
        int index = committedIndex;
        long commit = commits;
        long writable = flags == WRITE ? -1 : 0;
        int done = 0;
        for (; done < burst; done++) {
            int length = lengths[done];
            if (length < 1) {
                break;
            }
            int head = (ordered ? first + done : free[top - done]) & mask;
            long at = (long) head * BYTES;
            U64.set(descriptorArea, at + ADDR, dvas[done]);
            U64.set(descriptorArea, at + LEN, (long) flags << 32 | length);
            U16.set(availableRing, RING_ENTRIES + (long) (index + done & mask) * AVAILABLE_ENTRY_BYTES, (short) head);
            chainOf[head] = (length & writable) << 32 | 1;
            commitOf[head] = commit + done;
            ids[done] = head;
        }
        nextFree = first + done & mask;
        freeCount -= done;
        committedIndex = index + done & 0xffff;
        commits = commit + done;
        outstanding += done;
        if (done < burst) {
            throw tooShort(lengths[done]);
        }
        return done;
    }

    /** In two stores, the second of which holds length, flags and next. */
    private static void writeDescriptor(MemorySegment area, long offset, long dva, int length, short flags, int next) {
        U64.set(area, offset + ADDR, dva);
        U64.set(area, offset + LEN, (long) next << 48 | (long) flags << 32 | length);
    }

    // ---- events

    @Override
    boolean show() {
        int before = publishedIndex;
        // Release, split-ring:685: descriptors, tables, ring entries and the buffers themselves are visible before
        // the index that announces them. It pairs with the device's acquire of the index.
        U16.setRelease(availableRing, RING_INDEX, (short) committedIndex);
        publishedIndex = committedIndex;
        // Full, split-ring:698: the index is visible before the device's wish is read. Without it, device and driver
        // could each miss the other's store, and both would wait.
        VarHandle.fullFence();
        if (eventIndices) {
            // split-ring:530: the flags are not looked at.
            int event = (short) U16.get(usedRing, availEvent(size)) & 0xffff;
            return passed(event, before, publishedIndex);
        }
        // split-ring:524: only the lowest bit means anything.
        return ((short) U16.get(usedRing, RING_FLAGS) & USED_NO_NOTIFY) == 0;
    }

    @Override
    public int notificationOffset() {
        // content:473: with a split ring, all 16 bits are the next index of the available ring.
        return publishedIndex;
    }

    @Override
    void wishForSignal() {
        if (eventIndices && options.signals() == QueueOptions.UsedSignals.WANTED) {
            U16.set(availableRing, usedEvent(size), (short) seenUsedIndex);
        }
    }

    @Override
    boolean seesUsed() {
        // Opaque, so that a loop reads it each time; without acquire, because nothing is taken here, and the poll that
        // follows has its
        // own.
        return seenUsedIndex != knownUsedIndex
                || ((short) U16.getOpaque(usedRing, RING_INDEX) & 0xffff) != seenUsedIndex;
    }

    /** How many used elements are known and not taken; looks at the index when there is none. */
    private int elementsUsed() throws QueueBrokenException {
        if (seenUsedIndex == knownUsedIndex) {
            // Acquire: pairs with the device's release of the index; its elements and the data it wrote are visible
            // after.
            int index = (short) U16.getAcquire(usedRing, RING_INDEX) & 0xffff;
            int advance = index - seenUsedIndex & 0xffff;
            if (advance == 0) {
                return 0;
            }
            checkUsedAdvance(advance);
            knownUsedIndex = index;
        }
        return knownUsedIndex - seenUsedIndex & 0xffff;
    }

    /** One read of an element's id and length together: the device may change them while we look. */
    private long element(int index) {
        return (long) U64.get(usedRing, RING_ENTRIES + (long) (index & mask) * USED_ENTRY_BYTES);
    }

    @Override
    boolean nextUsed() throws QueueBrokenException {
        if (elementsUsed() == 0) {
            return false;
        }
        word = element(seenUsedIndex);
        return true;
    }

    @Override
    int wordId() {
        return (int) word;
    }

    @Override
    int wordLength() {
        return (int) (word >>> 32);
    }

    @Override
    void takeUsed(int entries, int chains) {
        seenUsedIndex = seenUsedIndex + chains & 0xffff;
    }

    @Override
    int takeAny(long[] used, int most) throws QueueBrokenException {
        int burst = Math.min(elementsUsed(), most);
        int seen = seenUsedIndex;
        int freed = freeCount;
        int done = 0;
        try {
            for (; done < burst; done++) {
                long entry = usedEntries + done;
                long element = element(seen + done);
                int id = (int) element;
                checkUsedId(id, entry);
                checkOutstanding(id, entry);
                int length = worthOfLength(id, (int) (element >>> 32), entry);
                long chain = chainOf[id];
                chainOf[id] = NOT_OUTSTANDING;
                used[done] = (long) length << 32 | id;
                if ((int) chain == 1) {
                    free[freed++] = id;
                } else {
                    freeCount = freed;
                    freeChain(id, (int) chain);
                    freed = freeCount;
                }
            }
        } catch (QueueBrokenException e) {
            if (done == 0) {
                throw e;
            }
        }
        freeCount = freed;
        seenUsedIndex = seen + done & 0xffff;
        usedEntries += done;
        outstanding -= done;
        if (fault() != null) {
            // Behind chains that were given back meanwhile.
            drawFault();
        }
        return done;
    }

    void checkUsedAdvance(int advance) throws QueueBrokenException {
        // A chain that is not published yet is outstanding for us and unknown to the device.
        if (advance > shown()) {
            throw broken(-1, "the used index advanced by %d with %d chains outstanding".formatted(advance, shown()));
        }
    }

    /** The index counts every chain of a batch, named or passed over. */
    @Override
    void checkBatch(int chains) throws QueueBrokenException {
        int counted = knownUsedIndex - seenUsedIndex & 0xffff;
        if (chains > counted) {
            throw broken(
                    usedEntries, "an ordered device used %d chains at once and counted %d".formatted(chains, counted));
        }
    }

    @Override
    void drawRings(RingPicture picture, List<OutstandingChain> chains, QueueFault broken) {
        int[] slots =
                new int[chains.stream().mapToInt(OutstandingChain::entries).sum()];
        int filled = 0;
        for (OutstandingChain chain : chains) {
            int slot = chain.id();
            for (int entry = 0; entry < chain.entries(); entry++) {
                slots[filled++] = slot;
                slot = nextOf[slot];
            }
        }
        new SplitPicture(
                        size,
                        eventIndices,
                        descriptorArea,
                        availableRing,
                        usedRing,
                        slots,
                        committedIndex,
                        publishedIndex,
                        seenUsedIndex)
                .draw(picture, broken);
    }

    @Override
    String positions() {
        return "available %d, used %d".formatted(publishedIndex, seenUsedIndex);
    }
}
