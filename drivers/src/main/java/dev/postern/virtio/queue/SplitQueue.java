package dev.postern.virtio.queue;

import static dev.postern.virtio.queue.SplitLayout.*;

import dev.postern.dma.CoherentBuffer;
import dev.postern.dma.DmaContext;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * A split virtqueue, driver side (split-ring:39).
 *
 * <p>A request is a chain: {@link #begin}, then {@link #readable} and {@link #writable} in any number with all readable
 * buffers first (split-ring:151), then {@link #commit}, which yields its head. Any number of chains may be committed
 * before one {@link #publish} shows them all to the device with a single store. {@link #pollUsed} gives back heads that
 * the device is done with, each exactly once and only after everything the device said of it was checked.
 *
 * <p><b>Threads:</b> one thread owns the queue and makes all calls. <b>Ownership:</b> the queue owns its rings and
 * tables; addresses of buffers are only passed through. <b>Allocation:</b> none after construction, except for the report
 * of a fault.
 */
public final class SplitQueue implements AutoCloseable {

    /** What {@link #pollUsed} says when the device has used nothing new. */
    public static final int NONE = -1;

    private static final int NOT_OUTSTANDING = 0;
    /** split-ring:223. A used length of 32 bits could not count more either. */
    private static final long LONGEST_CHAIN_BYTES = (1L << 32) - 1;

    private final QueueOptions options;
    private final int size;
    private final int mask;
    private final int tableEntries;

    private final CoherentBuffer descriptors;
    private final CoherentBuffer available;
    private final CoherentBuffer used;
    private final IndirectTables tables;
    private final MemorySegment descriptorArea;
    private final MemorySegment availableRing;
    private final MemorySegment usedRing;

    // The truth about the ring. The device cannot reach any of it.
    private final int[] nextFree;
    private final int[] descriptorsOfHead;
    private final int[] lastOfHead;
    private final long[] writableOfHead;
    private final long[] commitOfHead;
    private int firstFree;
    private int freeCount;
    private int outstanding;
    private int committedIndex;
    private int publishedIndex;
    private int seenUsedIndex;
    private int knownUsedIndex;
    private long commits;
    private long published;
    private long usedEntries;
    private int lastUsedLength;
    private QueueFault fault;

    // The chain under construction.
    private boolean building;
    private boolean indirect;
    private int elements;
    private int added;
    private int head;
    private int last;
    private boolean writableSeen;
    private long writableBytes;
    private long totalBytes;

    /**
     * Makes a queue in memory that the device can reach.
     *
     * @param context the device's; the rings and tables are taken from it and given back by {@link #close()}
     * @throws dev.postern.dma.DmaMappingException when there is no such memory; nothing is kept then
     */
    public SplitQueue(QueueOptions options, DmaContext context) {
        this.options = options;
        size = options.size();
        mask = size - 1;
        // split-ring:271: a chain, through a table or not, is never longer than the queue.
        tableEntries = options.chains() == QueueOptions.Chaining.INDIRECT ? Math.min(options.longestChain(), size) : 0;
        nextFree = new int[size];
        descriptorsOfHead = new int[size];
        lastOfHead = new int[size];
        writableOfHead = new long[size];
        commitOfHead = new long[size];

        CoherentBuffer[] taken = new CoherentBuffer[3];
        IndirectTables takenTables = null;
        try {
            taken[0] = context.allocateCoherent(descriptorBytes(size), DESCRIPTOR_ALIGNMENT);
            taken[1] = context.allocateCoherent(availableBytes(size), AVAILABLE_ALIGNMENT);
            taken[2] = context.allocateCoherent(usedBytes(size), USED_ALIGNMENT);
            if (tableEntries > 1) {
                takenTables = IndirectTables.take(context, size, tableEntries * DESCRIPTOR_BYTES, DESCRIPTOR_ALIGNMENT);
            }
        } catch (RuntimeException e) {
            Arrays.stream(taken).filter(b -> b != null).forEach(CoherentBuffer::close);
            throw e;
        }
        descriptors = taken[0];
        available = taken[1];
        used = taken[2];
        tables = takenTables;
        descriptorArea = descriptors.segment();
        availableRing = available.segment();
        usedRing = used.segment();
        restart();
    }

    /** Where the device finds the three areas. */
    public QueueAddresses addresses() {
        return new QueueAddresses(size, descriptors.deviceAddress(), available.deviceAddress(), used.deviceAddress());
    }

    /** Which queue of the device this is. */
    public int index() {
        return options.index();
    }

    /** Entries. */
    public int size() {
        return size;
    }

    /** Chains that the device has, or will have at the next {@link #publish}. */
    public int outstanding() {
        return outstanding;
    }

    /** What broke the queue, or null. */
    public QueueFault fault() {
        return fault;
    }

    /**
     * Empties the queue. The device must have been reset, so that the queue is not live (content:634): whatever was
     * outstanding is forgotten here, and its buffers are for the caller to release.
     */
    public void restart() {
        descriptorArea.fill((byte) 0);
        availableRing.fill((byte) 0);
        // split-ring:515: the flags of the used ring start as 0; all else in it must not outlive the reset either.
        usedRing.fill((byte) 0);
        if (options.signals() == QueueOptions.UsedSignals.SUPPRESSED) {
            U16.set(availableRing, RING_FLAGS, AVAIL_NO_INTERRUPT);
        }
        for (int i = 0; i < size; i++) {
            nextFree[i] = i + 1;
        }
        Arrays.fill(descriptorsOfHead, NOT_OUTSTANDING);
        firstFree = 0;
        freeCount = size;
        outstanding = 0;
        committedIndex = 0;
        publishedIndex = 0;
        seenUsedIndex = 0;
        knownUsedIndex = 0;
        commits = 0;
        published = 0;
        usedEntries = 0;
        building = false;
        fault = null;
    }

    /** The most buffers that a chain can have, ever. */
    public int longestChain() {
        return tableEntries > 1 ? tableEntries : Math.min(size, options.longestChain());
    }

    /** Whether a chain of so many buffers fits now. */
    public boolean hasRoom(int buffers) {
        return freeCount >= entriesFor(buffers);
    }

    /**
     * Starts a chain.
     *
     * @param buffers how many buffers it will have, 1 to {@link #longestChain()}
     * @return false when there is no room for it now; nothing was started then
     * @throws QueueBrokenException when the queue is broken
     */
    public boolean begin(int buffers) throws QueueBrokenException {
        requireWhole();
        if (building) {
            throw new IllegalStateException(options.device() + ": a chain is already under construction");
        }
        if (buffers < 1 || buffers > longestChain()) {
            throw new IllegalArgumentException("%s queue %d: a chain of %d buffers; 1 to %d fit"
                    .formatted(options.device(), options.index(), buffers, longestChain()));
        }
        if (!hasRoom(buffers)) {
            return false;
        }
        building = true;
        indirect = entriesFor(buffers) < buffers;
        elements = buffers;
        added = 0;
        head = firstFree;
        last = head;
        writableSeen = false;
        writableBytes = 0;
        totalBytes = 0;
        return true;
    }

    /**
     * Adds a buffer that the device reads.
     *
     * @param length bytes, 1 to 2^31 - 1
     */
    public void readable(long dva, int length) {
        if (writableSeen) {
            throw new IllegalStateException("split-ring:151: readable buffers come before writable ones");
        }
        append(dva, length, (short) 0);
    }

    /**
     * Adds a buffer that the device writes.
     *
     * @param length bytes, 1 to 2^31 - 1
     */
    public void writable(long dva, int length) {
        append(dva, length, FLAG_WRITE);
        writableSeen = true;
        writableBytes += length;
    }

    /** Gives up the chain under construction; the device never saw it. */
    public void abandon() {
        building = false;
    }

    /**
     * Finishes the chain. The device does not see it before {@link #publish}.
     *
     * @return its head, 0 to size - 1, which {@link #pollUsed} will give back
     */
    public int commit() {
        if (!building || added != elements) {
            throw new IllegalStateException(
                    "%s: %d of %d buffers were added".formatted(options.device(), added, elements));
        }
        building = false;
        int taken;
        if (indirect) {
            // split-ring:274: no NEXT beside INDIRECT. WRITE would be ignored there (split-ring:282).
            writeDescriptor(
                    descriptorArea,
                    (long) head * DESCRIPTOR_BYTES,
                    tables.dva(head),
                    elements * DESCRIPTOR_BYTES,
                    FLAG_INDIRECT,
                    (short) 0);
            taken = 1;
        } else {
            taken = elements;
        }
        firstFree = nextFree[last];
        freeCount -= taken;
        descriptorsOfHead[head] = taken;
        lastOfHead[head] = last;
        writableOfHead[head] = writableBytes;
        commitOfHead[head] = commits;
        commits++;
        outstanding++;
        long slot = RING_ENTRIES + (long) (committedIndex & mask) * AVAILABLE_ENTRY_BYTES;
        U16.set(availableRing, slot, (short) head);
        committedIndex = committedIndex + 1 & 0xffff;
        return head;
    }

    /**
     * Shows every committed chain to the device.
     *
     * @return whether the device wants to be notified of them
     */
    public boolean publish() {
        if (publishedIndex == committedIndex) {
            return false;
        }
        // Release, split-ring:685: descriptors, tables, ring entries and the buffers themselves are visible before the
        // index that announces them. It pairs with the device's acquire of the index.
        U16.setRelease(availableRing, RING_INDEX, (short) committedIndex);
        publishedIndex = committedIndex;
        published = commits;
        // Full, split-ring:698: the index is visible before the flags are read. Without it, device and driver could
        // each
        // miss the other's store, and both would wait.
        VarHandle.fullFence();
        // split-ring:524: only the lowest bit means anything.
        return ((short) U16.get(usedRing, RING_FLAGS) & USED_NO_NOTIFY) == 0;
    }

    /**
     * Takes the next chain that the device is done with.
     *
     * @return its head, or {@link #NONE}
     * @throws QueueBrokenException when the device said something impossible, now or earlier
     */
    public int pollUsed() throws QueueBrokenException {
        requireWhole();
        if (seenUsedIndex == knownUsedIndex) {
            // Acquire: pairs with the device's release of the index; its entries and the data it wrote are visible
            // after.
            int index = (short) U16.getAcquire(usedRing, RING_INDEX) & 0xffff;
            if (index == seenUsedIndex) {
                return NONE;
            }
            checkUsedAdvance(index - seenUsedIndex & 0xffff);
            knownUsedIndex = index;
        }
        long entry = RING_ENTRIES + (long) (seenUsedIndex & mask) * USED_ENTRY_BYTES;
        // One read each: the device may change them while we look.
        int id = (int) U32.get(usedRing, entry + USED_ID);
        int length = (int) U32.get(usedRing, entry + USED_LEN);
        checkUsedId(id);
        checkOutstanding(id);
        checkUsedLength(id, length);
        release(id);
        seenUsedIndex = seenUsedIndex + 1 & 0xffff;
        usedEntries++;
        lastUsedLength = length;
        return id;
    }

    /**
     * How many bytes the device says it wrote into the chain that {@link #pollUsed} gave back last: 0 to the bytes posted
     * writable. It is the device's word, not proof (split-ring:473).
     */
    public int usedLength() {
        return lastUsedLength;
    }

    /** Gives rings and tables back. The device must have been reset. */
    @Override
    public void close() {
        descriptors.close();
        available.close();
        used.close();
        if (tables != null) {
            tables.close();
        }
    }

    private int entriesFor(int buffers) {
        return tableEntries > 1 && buffers > 1 ? 1 : buffers;
    }

    private void append(long dva, int length, short flags) {
        if (!building || added == elements) {
            throw new IllegalStateException(options.device() + ": no chain is under construction, or it is full");
        }
        if (length < 1) {
            throw new IllegalArgumentException("buffer length %d: give at least 1".formatted(length));
        }
        if (length > LONGEST_CHAIN_BYTES - totalBytes) {
            throw new IllegalArgumentException("split-ring:223: a chain of %d bytes and %d more; give at most %d in all"
                    .formatted(totalBytes, length, LONGEST_CHAIN_BYTES));
        }
        totalBytes += length;
        boolean more = added < elements - 1;
        short allFlags = more ? (short) (flags | FLAG_NEXT) : flags;
        if (indirect) {
            writeDescriptor(
                    tables.segment(head),
                    tables.offset(head) + (long) added * DESCRIPTOR_BYTES,
                    dva,
                    length,
                    allFlags,
                    more ? (short) (added + 1) : 0);
        } else {
            int slot = added == 0 ? head : nextFree[last];
            writeDescriptor(
                    descriptorArea,
                    (long) slot * DESCRIPTOR_BYTES,
                    dva,
                    length,
                    allFlags,
                    more ? (short) nextFree[slot] : 0);
            last = slot;
        }
        added++;
    }

    private static void writeDescriptor(
            MemorySegment area, long offset, long dva, int length, short flags, short next) {
        U64.set(area, offset + DESC_ADDR, dva);
        U32.set(area, offset + DESC_LEN, length);
        U16.set(area, offset + DESC_FLAGS, flags);
        U16.set(area, offset + DESC_NEXT, next);
    }

    private void release(int id) {
        nextFree[lastOfHead[id]] = firstFree;
        firstFree = id;
        freeCount += descriptorsOfHead[id];
        descriptorsOfHead[id] = NOT_OUTSTANDING;
        outstanding--;
    }

    private void requireWhole() throws QueueBrokenException {
        if (fault != null) {
            throw new QueueBrokenException(fault);
        }
    }

    private void checkUsedAdvance(int advance) throws QueueBrokenException {
        // A chain that is not published yet is outstanding for us and unknown to the device.
        long shown = outstanding - (commits - published);
        if (advance > shown) {
            throw broken(-1, "the used index advanced by %d with %d chains outstanding".formatted(advance, shown));
        }
    }

    /** All 32 bits, before anything is narrowed: 0x10001 is not 1. */
    private void checkUsedId(int id) throws QueueBrokenException {
        if (Integer.compareUnsigned(id, size) >= 0) {
            throw broken(usedEntries, "id %s, allowed are 0 to %d".formatted(Integer.toUnsignedString(id), size - 1));
        }
    }

    private void checkOutstanding(int id) throws QueueBrokenException {
        if (descriptorsOfHead[id] == NOT_OUTSTANDING || commitOfHead[id] >= published) {
            throw broken(usedEntries, "id %d is the head of no outstanding chain".formatted(id));
        }
    }

    private void checkUsedLength(int id, int length) throws QueueBrokenException {
        if (Integer.toUnsignedLong(length) > writableOfHead[id]) {
            throw broken(
                    usedEntries,
                    "length %s, but chain %d has %d writable bytes"
                            .formatted(Integer.toUnsignedString(length), id, writableOfHead[id]));
        }
    }

    private QueueBrokenException broken(long entry, String what) {
        fault = new QueueFault(options.device(), options.index(), entry, what);
        return new QueueBrokenException(fault);
    }

    /** A picture of the ring from the driver's own records; nothing is read from shared memory. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("%s queue %d: size %d, %d outstanding, available %d, used %d%s"
                .formatted(
                        options.device(),
                        options.index(),
                        size,
                        outstanding,
                        publishedIndex,
                        seenUsedIndex,
                        fault == null ? "" : ", broken: " + fault.what()));
        for (int i = 0; i < size; i++) {
            if (descriptorsOfHead[i] != NOT_OUTSTANDING) {
                text.append("%n  head %d: %d entries, %d writable bytes"
                        .formatted(i, descriptorsOfHead[i], writableOfHead[i]));
            }
        }
        return text.toString();
    }
}
