package dev.postern.virtio.queue;

import dev.postern.dma.DmaContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A virtqueue, driver side, whatever its format.
 *
 * <p>A request is a chain: {@link #begin}, then {@link #readable} and {@link #writable} in any number with all readable
 * buffers first (split-ring:151, packed-ring:476), then {@link #commit}, which yields its id. Any number of chains may be committed
 * before one {@link #publish} shows them all to the device with a single release store. {@link #pollUsed} gives back ids that the device
 * is done with, each exactly once and only after everything the device said of it was checked.
 *
 * <p>Everything that the device says is checked here, once, against records that it cannot reach: the id on all of its bits, that its
 * chain is outstanding and was shown, that the length is at most what was posted writable for that very chain, and in an ordered queue
 * the order. A violation breaks the queue and names device, queue, entry and fault.
 *
 * <p><b>Threads:</b> one thread owns the queue and makes all calls. <b>Ownership:</b> the queue owns its rings and
 * tables; addresses of buffers are only passed through. <b>Allocation:</b> none after construction, except for the report
 * of a fault.
 */
public abstract sealed class Virtqueue implements AutoCloseable permits SplitQueue, PackedQueue {

    /** What {@link #pollUsed} says when the device has used nothing new. */
    public static final int NONE = -1;

    /** Entries in the ring of a chain that the device does not have. */
    static final int NOT_OUTSTANDING = 0;

    /** split-ring:223. A used length of 32 bits could not count more either. */
    private static final long LONGEST_CHAIN_BYTES = (1L << 32) - 1;

    final QueueOptions options;
    final int size;
    /** Entries of each indirect table; 0 or 1 when there are no tables. */
    final int tableEntries;

    /** One for each id; null without any. */
    IndirectTables tables;

    // The truth about chains, by id. The device cannot reach any of it.
    final int[] entriesOf;
    private final long[] writableOf;
    private final long[] commitOf;
    /** Ids in the order of their commits: the one of commit {@code c} is at {@code c % size}. Of use in an ordered queue alone. */
    private final int[] idOfCommit;

    private int outstanding;
    /** Chains ever committed, and how many of them the device was shown. */
    private long commits;

    private long published;
    /** Chains ever given back, in an ordered queue the commit of the oldest outstanding one. */
    private long givenBack;
    /** In an ordered queue: the commit up to which all are used, by the device's last word. */
    private long usedThrough;

    private long usedEntries;
    private int lastUsedLength;
    private int lengthOfLast;
    private QueueFault fault;
    private RingDump faultDump;

    // The chain under construction.
    private boolean building;
    boolean indirect;
    int elements;
    int added;
    private boolean writableSeen;
    private long writableBytes;
    private long totalBytes;

    Virtqueue(QueueOptions options) {
        this.options = options;
        size = options.size();
        // split-ring:271, packed-ring:471: a chain, through a table or not, is never longer than the queue.
        tableEntries = options.chains() == QueueOptions.Chaining.INDIRECT ? Math.min(options.longestChain(), size) : 0;
        entriesOf = new int[size];
        writableOf = new long[size];
        commitOf = new long[size];
        idOfCommit = new int[size];
    }

    /**
     * Makes a queue in memory that the device can reach.
     *
     * @param context the device's; rings and tables are taken from it and given back by {@link #close()}
     * @throws dev.postern.dma.DmaMappingException when there is no such memory; nothing is kept then
     */
    public static Virtqueue open(QueueOptions options, DmaContext context) {
        return switch (options.format()) {
            case SPLIT -> new SplitQueue(options, context);
            case PACKED -> new PackedQueue(options, context);
        };
    }

    // ---- what it is

    /** Where the device finds the three areas. */
    public abstract QueueAddresses addresses();

    /** Which queue of the device this is. */
    public final int index() {
        return options.index();
    }

    /** Entries. */
    public final int size() {
        return size;
    }

    /** How it was made. */
    public final QueueOptions options() {
        return options;
    }

    /** Chains that the device has, or will have at the next {@link #publish}. */
    public final int outstanding() {
        return outstanding;
    }

    /** What broke the queue, or null. */
    public final QueueFault fault() {
        return fault;
    }

    /** The most buffers that a chain can have, ever. */
    public final int longestChain() {
        return tableEntries > 1 ? tableEntries : Math.min(size, options.longestChain());
    }

    /** Whether a chain of so many buffers fits now. */
    public final boolean hasRoom(int buffers) {
        return freeEntries() >= entriesFor(buffers);
    }

    // ---- life

    /**
     * Empties the queue. The device must have been reset, or this queue alone, so that it is not live (content:634): whatever was
     * outstanding is forgotten here, and its buffers are for the caller to release.
     */
    public final void restart() {
        Arrays.fill(entriesOf, NOT_OUTSTANDING);
        outstanding = 0;
        commits = 0;
        published = 0;
        givenBack = 0;
        usedThrough = 0;
        usedEntries = 0;
        building = false;
        fault = null;
        clearRings();
    }

    /** Gives rings and tables back. The device must have been reset. */
    @Override
    public final void close() {
        closeRings();
        if (tables != null) {
            tables.close();
        }
    }

    // ---- chains

    /**
     * Starts a chain.
     *
     * @param buffers how many buffers it will have, 1 to {@link #longestChain()}
     * @return false when there is no room for it now; nothing was started then
     * @throws QueueBrokenException when the queue is broken
     */
    public final boolean begin(int buffers) throws QueueBrokenException {
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
        writableSeen = false;
        writableBytes = 0;
        totalBytes = 0;
        startChain();
        return true;
    }

    /**
     * Adds a buffer that the device reads.
     *
     * @param length bytes, 1 to 2^31 - 1
     */
    public final void readable(long dva, int length) {
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
    public final void writable(long dva, int length) {
        append(dva, length, Descriptor.WRITE);
        writableSeen = true;
        writableBytes += length;
    }

    /** Gives up the chain under construction; the device never saw it. */
    public final void abandon() {
        building = false;
    }

    /**
     * Finishes the chain. The device does not see it before {@link #publish}.
     *
     * @return its id, 0 to size - 1, which {@link #pollUsed} will give back
     */
    public final int commit() {
        if (!building || added != elements) {
            throw new IllegalStateException(
                    "%s: %d of %d buffers were added".formatted(options.device(), added, elements));
        }
        building = false;
        int entries = indirect ? 1 : elements;
        int id = finishChain(entries);
        entriesOf[id] = entries;
        writableOf[id] = writableBytes;
        commitOf[id] = commits;
        idOfCommit[(int) (commits % size)] = id;
        commits++;
        outstanding++;
        return id;
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
        writeElement(dva, length, flags);
        added++;
    }

    private int entriesFor(int buffers) {
        return tableEntries > 1 && buffers > 1 ? 1 : buffers;
    }

    // ---- events

    /**
     * Shows every committed chain to the device.
     *
     * @return whether the device wants to be notified of them
     */
    public final boolean publish() {
        if (published == commits) {
            return false;
        }
        boolean wanted = show();
        if (BurstEvent.recorded()) {
            BurstEvent.write(options.device(), options.index(), commits - published, wanted);
        }
        published = commits;
        return wanted;
    }

    /**
     * What the data of a notification says beside the queue's index: where the next chain will be made available (NOTIFICATION_DATA,
     * content:1010): the first that {@link #publish} has not shown. 16 bits.
     */
    public abstract int notificationOffset();

    /**
     * Asks the device for a signal at the next chain that it uses, when the queue was made to want any.
     *
     * @return whether it has used one already: then no signal may come, and the caller polls again
     */
    public final boolean askForSignal() {
        boolean used = wishForSignal();
        // Of a batch of an ordered device the wish knows no more; its chains may still wait to be given back.
        return used || usedThrough > givenBack;
    }

    /**
     * Takes the next chain that the device is done with.
     *
     * @return its id, or {@link #NONE}
     * @throws QueueBrokenException when the device said something impossible, now or earlier
     */
    public final int pollUsed() throws QueueBrokenException {
        requireWhole();
        return options.order() == QueueOptions.UseOrder.ANY ? pollAny() : pollInOrder();
    }

    /**
     * How many bytes the device says it wrote into the chain that {@link #pollUsed} gave back last: 0 to the bytes posted
     * writable. It is the device's word, not proof (split-ring:473). A chain that an ordered device passed over counts as written in
     * full (packed-ring:264).
     */
    public final int usedLength() {
        return lastUsedLength;
    }

    private int pollAny() throws QueueBrokenException {
        if (!nextUsed()) {
            return NONE;
        }
        int id = wordId();
        int length = wordLength();
        checkUsedId(id);
        checkOutstanding(id);
        checkUsedLength(id, length);
        takeUsed(entriesOf[id], 1);
        giveBack(id, length);
        usedEntries++;
        return id;
    }

    /** One word of an ordered device is about a chain and all that are older. */
    private int pollInOrder() throws QueueBrokenException {
        if (givenBack == usedThrough) {
            if (!nextUsed()) {
                return NONE;
            }
            int id = wordId();
            int length = wordLength();
            checkUsedId(id);
            checkOutstanding(id);
            checkUsedLength(id, length);
            takeBatch(commitOf[id] + 1);
            usedThrough = commitOf[id] + 1;
            lengthOfLast = length;
            usedEntries++;
        }
        int id = idOfCommit[(int) (givenBack % size)];
        boolean last = givenBack + 1 == usedThrough;
        giveBack(id, last ? lengthOfLast : (int) writableOf[id]);
        return id;
    }

    private void takeBatch(long through) throws QueueBrokenException {
        int entries = 0;
        for (long commit = givenBack; commit < through; commit++) {
            entries += entriesOf[idOfCommit[(int) (commit % size)]];
        }
        int chains = (int) (through - givenBack);
        checkBatch(chains);
        takeUsed(entries, chains);
    }

    private void giveBack(int id, int length) {
        outstanding--;
        givenBack++;
        lastUsedLength = length;
        freeChain(id, entriesOf[id]);
        entriesOf[id] = NOT_OUTSTANDING;
    }

    /** Chains that the device was shown and has not given back. */
    final long shown() {
        return outstanding - (commits - published);
    }

    // ---- the checks: each is a method of its own, which a sabotage test can take away

    private void requireWhole() throws QueueBrokenException {
        if (fault != null) {
            throw new QueueBrokenException(fault);
        }
    }

    /** All bits that the format has for an id, before anything is narrowed: 0x10001 is not 1. */
    private void checkUsedId(int id) throws QueueBrokenException {
        if (Integer.compareUnsigned(id, size) >= 0) {
            throw broken(usedEntries, "id %s, allowed are 0 to %d".formatted(Integer.toUnsignedString(id), size - 1));
        }
    }

    private void checkOutstanding(int id) throws QueueBrokenException {
        if (entriesOf[id] == NOT_OUTSTANDING || commitOf[id] >= published) {
            throw broken(usedEntries, "id %d is that of no outstanding chain".formatted(id));
        }
    }

    private void checkUsedLength(int id, int length) throws QueueBrokenException {
        if (Integer.toUnsignedLong(length) > writableOf[id]) {
            throw broken(
                    usedEntries,
                    "length %s, but chain %d has %d writable bytes"
                            .formatted(Integer.toUnsignedString(length), id, writableOf[id]));
        }
    }

    /** A device may not use more chains at once than its own count of them says. */
    abstract void checkBatch(int chains) throws QueueBrokenException;

    final QueueBrokenException broken(long entry, String what) {
        fault = new QueueFault(options.device(), options.index(), entry, what);
        faultDump = dump();
        ViolationEvent.write(fault);
        return new QueueBrokenException(fault);
    }

    final long usedEntries() {
        return usedEntries;
    }

    // ---- what a format does

    /** Empties the rings and writes how the driver wants to be signalled. */
    abstract void clearRings();

    abstract void closeRings();

    /** Entries of the ring that no chain takes. */
    abstract int freeEntries();

    /** Picks the id of the chain under construction. */
    abstract void startChain();

    /** Writes element {@link #added} of {@link #elements}. */
    abstract void writeElement(long dva, int length, short flags);

    /** Takes the chain's entries, and yields its id. */
    abstract int finishChain(int entries);

    /** Puts back what the chain took; its id may be taken again. */
    abstract void freeChain(int id, int entries);

    /** Makes what was committed visible with one release store, and says whether to notify. */
    abstract boolean show();

    /** Writes the wish for a signal at the next used chain, if any is wanted, and says whether there is one already. */
    abstract boolean wishForSignal();

    /** Whether the device says that it has used a chain; if so its word is read, once, for the two below. */
    abstract boolean nextUsed() throws QueueBrokenException;

    /** The id in the device's word. */
    abstract int wordId();

    /** The length in the device's word. */
    abstract int wordLength();

    /** Goes past the device's word. */
    abstract void takeUsed(int entries, int chains);

    // ---- tables

    /** Takes the tables, one for each id; called once by the constructor of a format. */
    final void takeTables(DmaContext context) {
        if (tableEntries > 1) {
            tables = IndirectTables.take(context, size, tableEntries * Descriptor.BYTES, Descriptor.ALIGNMENT);
        }
    }

    // ---- for people

    /** A picture of the queue as it is now. It reads shared memory, once, and believes none of it. */
    public final RingDump dump() {
        RingPicture picture = new RingPicture();
        picture.title("%s queue %d: %s ring of %d entries, %s, events by %s, %s%s"
                .formatted(
                        options.device(),
                        options.index(),
                        word(options.format()),
                        size,
                        tableEntries > 1 ? "tables of " + tableEntries : "no tables",
                        word(options.events()),
                        options.order() == QueueOptions.UseOrder.ANY ? "any order" : "in order",
                        fault == null ? "" : ", broken"));
        List<OutstandingChain> chains = outstandingChains();
        picture.own("chains", "%d outstanding, %d entries free".formatted(chains.size(), freeEntries()));
        picture.chains(chains);
        drawRings(picture, chains, fault);
        return picture.done();
    }

    /** The picture of the last fault as it was found, kept over a restart; empty when there was none. */
    public final Optional<RingDump> faultDump() {
        return Optional.ofNullable(faultDump);
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** In the order of their commits. */
    private List<OutstandingChain> outstandingChains() {
        List<OutstandingChain> chains = new ArrayList<>();
        for (int id = 0; id < size; id++) {
            if (entriesOf[id] != NOT_OUTSTANDING) {
                chains.add(new OutstandingChain(
                        id, commitOf[id], commitOf[id] < published, entriesOf[id], writableOf[id]));
            }
        }
        chains.sort(Comparator.comparingLong(OutstandingChain::commit));
        return chains;
    }

    /**
     * Draws where driver and device stand, and what lies in the rings.
     *
     * @param broken what broke the queue, or null
     */
    abstract void drawRings(RingPicture picture, List<OutstandingChain> chains, QueueFault broken);

    /** A picture of the ring from the driver's own records; nothing is read from shared memory. */
    @Override
    public final String toString() {
        StringBuilder text = new StringBuilder("%s queue %d: %s, size %d, %d outstanding, %s%s"
                .formatted(
                        options.device(),
                        options.index(),
                        options.format().name().toLowerCase(Locale.ROOT),
                        size,
                        outstanding,
                        positions(),
                        fault == null ? "" : ", broken: " + fault.what()));
        for (int id = 0; id < size; id++) {
            if (entriesOf[id] != NOT_OUTSTANDING) {
                text.append("%n  id %d: %d entries, %d writable bytes%s"
                        .formatted(
                                id, entriesOf[id], writableOf[id], commitOf[id] >= published ? ", not shown yet" : ""));
            }
        }
        return text.toString();
    }

    /** Where driver and device are, for a picture. */
    abstract String positions();
}
