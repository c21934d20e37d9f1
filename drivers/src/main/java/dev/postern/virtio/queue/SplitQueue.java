package dev.postern.virtio.queue;

import static dev.postern.virtio.queue.Descriptor.*;
import static dev.postern.virtio.queue.SplitLayout.*;

import dev.postern.dma.CoherentBuffer;
import dev.postern.dma.DmaContext;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.List;

/** A split virtqueue (split-ring:39). The id of a chain is its head: the index of its first descriptor. */
final class SplitQueue extends Virtqueue {

    private final int mask;
    private final boolean eventIndices;
    private final boolean ordered;

    private final CoherentBuffer descriptors;
    private final CoherentBuffer available;
    private final CoherentBuffer used;
    private final MemorySegment descriptorArea;
    private final MemorySegment availableRing;
    private final MemorySegment usedRing;

    // Free descriptors as a list, which the device cannot reach.
    private final int[] nextFree;
    private final int[] lastOf;
    private int firstFree;
    private int freeCount;

    private int committedIndex;
    private int publishedIndex;
    private int seenUsedIndex;
    private int knownUsedIndex;
    private int wordId;
    private int wordLength;

    private int head;
    private int last;

    SplitQueue(QueueOptions options, DmaContext context) {
        super(options);
        mask = size - 1;
        eventIndices = options.events() == QueueOptions.EventMarks.INDICES;
        ordered = options.order() == QueueOptions.UseOrder.AS_AVAILABLE;
        nextFree = new int[size];
        lastOf = new int[size];
        CoherentBuffer[] taken = new CoherentBuffer[3];
        try {
            taken[0] = context.allocateCoherent(descriptorBytes(size), ALIGNMENT);
            taken[1] = context.allocateCoherent(availableBytes(size), AVAILABLE_ALIGNMENT);
            taken[2] = context.allocateCoherent(usedBytes(size), USED_ALIGNMENT);
            takeTables(context);
        } catch (RuntimeException e) {
            Arrays.stream(taken).filter(b -> b != null).forEach(CoherentBuffer::close);
            throw e;
        }
        descriptors = taken[0];
        available = taken[1];
        used = taken[2];
        descriptorArea = descriptors.segment();
        availableRing = available.segment();
        usedRing = used.segment();
        restart();
    }

    @Override
    public QueueAddresses addresses() {
        return new QueueAddresses(size, descriptors.deviceAddress(), available.deviceAddress(), used.deviceAddress());
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
            // An ordered queue takes descriptors in the order of the ring and goes round (split-ring:402).
            nextFree[i] = ordered ? i + 1 & mask : i + 1;
        }
        firstFree = 0;
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

    @Override
    void closeRings() {
        descriptors.close();
        available.close();
        used.close();
    }

    // ---- chains

    @Override
    int freeEntries() {
        return freeCount;
    }

    @Override
    void startChain() {
        head = firstFree;
        last = head;
    }

    @Override
    void writeElement(long dva, int length, short flags) {
        boolean more = added < elements - 1;
        short allFlags = more ? (short) (flags | NEXT) : flags;
        if (indirect) {
            writeDescriptor(
                    tables.segment(head),
                    tables.offset(head) + (long) added * BYTES,
                    dva,
                    length,
                    allFlags,
                    more ? (short) (added + 1) : 0);
        } else {
            int slot = added == 0 ? head : nextFree[last];
            writeDescriptor(
                    descriptorArea, (long) slot * BYTES, dva, length, allFlags, more ? (short) nextFree[slot] : 0);
            last = slot;
        }
    }

    @Override
    int finishChain(int entries) {
        if (indirect) {
            // split-ring:274: no NEXT beside INDIRECT. WRITE would be ignored there (split-ring:282).
            writeDescriptor(
                    descriptorArea, (long) head * BYTES, tables.dva(head), elements * BYTES, INDIRECT, (short) 0);
        }
        firstFree = nextFree[last];
        freeCount -= entries;
        lastOf[head] = last;
        U16.set(availableRing, RING_ENTRIES + (long) (committedIndex & mask) * AVAILABLE_ENTRY_BYTES, (short) head);
        committedIndex = committedIndex + 1 & 0xffff;
        return head;
    }

    @Override
    void freeChain(int id, int entries) {
        if (!ordered) {
            nextFree[lastOf[id]] = firstFree;
            firstFree = id;
        }
        freeCount += entries;
    }

    private static void writeDescriptor(
            MemorySegment area, long offset, long dva, int length, short flags, short next) {
        U64.set(area, offset + ADDR, dva);
        U32.set(area, offset + LEN, length);
        U16.set(area, offset + FLAGS, flags);
        U16.set(area, offset + NEXT_FIELD, next);
    }

    // ---- events

    @Override
    boolean show() {
        int before = publishedIndex;
        // Release, split-ring:685: descriptors, tables, ring entries and the buffers themselves are visible before the
        // index that announces them. It pairs with the device's acquire of the index.
        U16.setRelease(availableRing, RING_INDEX, (short) committedIndex);
        publishedIndex = committedIndex;
        // Full, split-ring:698: the index is visible before the device's wish is read. Without it, device and driver
        // could
        // each miss the other's store, and both would wait.
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
        // content:1010: with a split ring, all 16 bits are the next index of the available ring.
        return publishedIndex;
    }

    @Override
    boolean wishForSignal() {
        if (eventIndices && options.signals() == QueueOptions.UsedSignals.WANTED) {
            U16.set(availableRing, usedEvent(size), (short) seenUsedIndex);
        }
        // Full: the wish is visible before the index is read; it pairs with the device's fence between
        // its index and
        // its look at the wish.
        VarHandle.fullFence();
        return seenUsedIndex != knownUsedIndex
                || ((short) U16.getAcquire(usedRing, RING_INDEX) & 0xffff) != seenUsedIndex;
    }

    @Override
    boolean nextUsed() throws QueueBrokenException {
        if (seenUsedIndex == knownUsedIndex) {
            // Acquire: pairs with the device's release of the index; its entries and the data it wrote are visible
            // after.
            int index = (short) U16.getAcquire(usedRing, RING_INDEX) & 0xffff;
            if (index == seenUsedIndex) {
                return false;
            }
            checkUsedAdvance(index - seenUsedIndex & 0xffff);
            knownUsedIndex = index;
        }
        long entry = RING_ENTRIES + (long) (seenUsedIndex & mask) * USED_ENTRY_BYTES;
        // One read each: the device may change them while we look.
        wordId = (int) U32.get(usedRing, entry + USED_ID);
        wordLength = (int) U32.get(usedRing, entry + USED_LEN);
        return true;
    }

    @Override
    int wordId() {
        return wordId;
    }

    @Override
    int wordLength() {
        return wordLength;
    }

    @Override
    void takeUsed(int entries, int chains) {
        seenUsedIndex = seenUsedIndex + chains & 0xffff;
    }

    private void checkUsedAdvance(int advance) throws QueueBrokenException {
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
                    usedEntries(),
                    "an ordered device used %d chains at once and counted %d".formatted(chains, counted));
        }
    }

    @Override
    void drawRings(RingPicture picture, List<OutstandingChain> chains, QueueFault broken) {
        int[] slots = new int[size - freeCount];
        int filled = 0;
        for (OutstandingChain chain : chains) {
            int slot = chain.id();
            for (int entry = 0; entry < chain.entries(); entry++) {
                slots[filled++] = slot;
                slot = nextFree[slot];
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
