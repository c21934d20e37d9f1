package dev.postern.virtio.queue;

import dev.postern.dma.DmaContext;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import jdk.jfr.FlightRecorder;

/**
 * A virtqueue, driver side, whatever its format.
 *
 * <p>A request is a chain: {@link #begin}, then {@link #readable} and {@link #writable} in any number with all readable
 * buffers first (split-ring:151, packed-ring:476), then {@link #commit}, which yields its id. Any number of chains may be committed
 * before one {@link #publish} shows them all to the device with a single release store. {@link #pollUsed()} gives back ids that the
 * device is done with, each exactly once and only after everything the device said of it was checked. Bursts of chains of one buffer have
 * calls of their own, {@link #commitReadable}, {@link #commitWritable} and {@link #pollUsed(long[], int)}, which do the same.
 *
 * <p>Everything that the device says is checked here, once, against records that it cannot reach: the id on all of its bits, that its
 * chain is outstanding and was shown, that the length is at most what was posted writable for that very chain, and in an ordered queue
 * the order. A violation breaks the queue and names device, queue, entry and fault.
 *
 * <p><b>Threads:</b> one thread owns the queue and makes all calls but those that only name what it was made with ({@link #index},
 * {@link #size}, {@link #options}, {@link #addresses}, {@link #longestChain}). It is the first that builds, publishes or polls, until
 * {@link #handOver} or {@link #restart}; with assertions on, calls of another thread fail. The device is the only other party, and meets
 * the owner in the rings alone: one release store of the owner shows it a burst, one acquire takes what it used, and a full fence
 * stands between either and the look at what the other side wants to hear. <b>Ownership:</b> the queue owns its rings and
 * tables; addresses of buffers are only passed through. <b>Allocation:</b> none after construction, except for the report
 * of a fault.
 *
 * <p>It is not sealed, and its methods are not final, because a specialised queue is a class that the JVM has only at run time, with
 * methods of its own; nobody outside of the package can extend it all the same.
 */
public abstract class Virtqueue implements AutoCloseable {

    /** What {@link #pollUsed()} says when the device has used nothing new. */
    public static final int NONE = -1;

    /** What {@link #chainOf} holds for an id that the device does not have. */
    static final long NOT_OUTSTANDING = 0;

    /** split-ring:223. A used length of 32 bits could not count more either. */
    private static final long LONGEST_CHAIN_BYTES = (1L << 32) - 1;

    private final QueueParts parts;

    final QueueOptions options;

    @Folded
    final int size;

    @Folded
    final boolean ordered;

    /** Whether used lengths are worth nothing. */
    @Folded
    final boolean lengthsIgnored;

    /** Entries of each indirect table; 0 or 1 when there are no tables. */
    private final int tableEntries;

    /** One for each id; null without any. */
    final IndirectTables tables;

    /**
     * The truth about chains, by id; the device cannot reach it. How many bytes were posted writable is in the upper half, how many entries
     * of the ring the chain takes in the lower, so that one load serves every check.
     */
    @Folded
    final long[] chainOf;

    /** Which of all commits each chain was, by id. */
    @Folded
    final long[] commitOf;

    int outstanding;
    /** Chains ever committed, and how many of them the device was shown. */
    long commits;

    long published;
    /** Chains ever given back, in an ordered queue the commit of the oldest outstanding one. */
    private long givenBack;
    /** In an ordered queue: the id of the oldest outstanding chain, which is the place of its first entry. */
    private int oldest;
    /** In an ordered queue: the commit up to which all are used, by the device's last word. */
    private long usedThrough;

    long usedEntries;
    private int lastUsedLength;
    private int lengthOfLast;
    private QueueFault fault;
    private Thread owner;
    private RingDump faultDump;

    // The chain under construction.
    private boolean building;
    boolean indirect;
    int elements;
    int added;
    private boolean writableSeen;
    private long writableBytes;
    private long totalBytes;

    Virtqueue(QueueParts parts) {
        this.parts = parts;
        options = parts.options();
        size = options.size();
        ordered = options.order() == QueueOptions.UseOrder.AS_AVAILABLE;
        lengthsIgnored = options.lengths() == QueueOptions.UsedLengths.IGNORED;
        tableEntries = options.tableEntries();
        tables = parts.tables();
        chainOf = parts.chainOf();
        commitOf = parts.commitOf();
    }

    /**
     * Makes a queue in memory that the device can reach.
     *
     * @param context the device's; rings and tables are taken from it and given back by {@link #close()}
     * @throws dev.postern.dma.DmaMappingException when there is no such memory; nothing is kept then
     */
    public static Virtqueue open(QueueOptions options, DmaContext context) {
        QueueParts parts = QueueParts.take(options, context);
        Virtqueue plain = switch (options.format()) {
            case SPLIT -> new SplitQueue(parts);
            case PACKED -> new PackedQueue(parts);
        };
        return options.code() == QueueOptions.Code.PLAIN
                ? plain
                : Specialiser.specialise(MethodHandles.lookup(), plain, parts);
    }

    // ---- what it is

    /** Where the device finds the three areas. */
    public final QueueAddresses addresses() {
        return parts.addresses();
    }

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
    public boolean hasRoom(int buffers) {
        return freeEntries() >= entriesFor(buffers);
    }

    // ---- life

    /**
     * Empties the queue. The device must have been reset, or this queue alone, so that it is not live (content:634): whatever was
     * outstanding is forgotten here, and its buffers are for the caller to release.
     */
    public final void restart() {
        Arrays.fill(chainOf, NOT_OUTSTANDING);
        outstanding = 0;
        commits = 0;
        published = 0;
        givenBack = 0;
        oldest = 0;
        usedThrough = 0;
        usedEntries = 0;
        building = false;
        fault = null;
        owner = null;
        clearRings();
    }

    /**
     * Lets another thread own the queue: the next that uses it. The caller is its owner, and sees to it that what it did happens before
     * what the next owner does, by a lock or a hand-over of its own.
     */
    public void handOver() {
        assert isOwned() : strange();
        owner = null;
    }

    /** Whether the calling thread owns the queue, as it does from now on when none did. For assertions alone. */
    boolean isOwned() {
        Thread caller = Thread.currentThread();
        if (owner == null) {
            owner = caller;
        }
        return owner == caller;
    }

    /** What an assertion says to a thread that does not own the queue. */
    String strange() {
        return "%s queue %d is owned by %s and was used by %s: hand it over first"
                .formatted(options.device(), options.index(), owner, Thread.currentThread());
    }

    /** Gives rings and tables back. The device must have been reset. */
    @Override
    public final void close() {
        parts.close();
    }

    // ---- chains

    /**
     * Starts a chain.
     *
     * @param buffers how many buffers it will have, 1 to {@link #longestChain()}
     * @return false when there is no room for it now; nothing was started then
     * @throws QueueBrokenException when the queue is broken
     */
    public boolean begin(int buffers) throws QueueBrokenException {
        assert isOwned() : strange();
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
        append(dva, length, Descriptor.WRITE);
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
     * @return its id, 0 to size - 1, which {@link #pollUsed} will give back
     */
    public int commit() {
        if (!building || added != elements) {
            throw new IllegalStateException(
                    "%s: %d of %d buffers were added".formatted(options.device(), added, elements));
        }
        building = false;
        int entries = indirect ? 1 : elements;
        int id = finishChain(entries);
        chainOf[id] = writableBytes << 32 | entries;
        commitOf[id] = commits++;
        outstanding++;
        return id;
    }

    /**
     * Commits chains of one buffer each that the device reads, as many as there is room for. The device does not see them before
     * {@link #publish}. No chain may be under construction.
     *
     * @param dvas addresses
     * @param lengths bytes, 1 to 2^31 - 1
     * @param ids takes the id of each chain
     * @param count how many, 0 to the length of each array
     * @return how many were committed, the first of the arrays
     * @throws QueueBrokenException when the queue is broken
     * @throws IllegalArgumentException when a length is less than 1; the chains before it are committed
     */
    public int commitReadable(long[] dvas, int[] lengths, int[] ids, int count) throws QueueBrokenException {
        checkBurst(dvas, lengths, ids, count);
        return commitBurst(dvas, lengths, ids, count, (short) 0);
    }

    /**
     * Commits chains of one buffer each that the device writes; otherwise as {@link #commitReadable}.
     *
     * @throws QueueBrokenException when the queue is broken
     */
    public int commitWritable(long[] dvas, int[] lengths, int[] ids, int count) throws QueueBrokenException {
        checkBurst(dvas, lengths, ids, count);
        return commitBurst(dvas, lengths, ids, count, Descriptor.WRITE);
    }

    void checkBurst(long[] dvas, int[] lengths, int[] ids, int count) throws QueueBrokenException {
        assert isOwned() : strange();
        requireWhole();
        if (building) {
            throw new IllegalStateException(options.device() + ": a chain is under construction");
        }
        Objects.checkFromIndexSize(0, count, Math.min(Math.min(dvas.length, lengths.length), ids.length));
    }

    /** The length of a buffer of a burst; the chains before it are committed. */
    static IllegalArgumentException tooShort(int length) {
        return new IllegalArgumentException("buffer length %d: give at least 1".formatted(length));
    }

    void append(long dva, int length, short flags) {
        if (!building || added == elements) {
            throw new IllegalStateException(options.device() + ": no chain is under construction, or it is full");
        }
        if (length < 1) {
            throw tooShort(length);
        }
        if (length > LONGEST_CHAIN_BYTES - totalBytes) {
            throw new IllegalArgumentException("split-ring:223: a chain of %d bytes and %d more; give at most %d in all"
                    .formatted(totalBytes, length, LONGEST_CHAIN_BYTES));
        }
        totalBytes += length;
        writeElement(dva, length, flags);
        added++;
    }

    int entriesFor(int buffers) {
        return tableEntries > 1 && buffers > 1 ? 1 : buffers;
    }

    // ---- events

    /**
     * Shows every committed chain to the device.
     *
     * @return whether the device wants to be notified of them
     */
    public boolean publish() {
        assert isOwned() : strange();
        if (published == commits) {
            return false;
        }
        boolean wanted = show();
        // Event classes take long to load, so that they are not even asked before anybody records.
        if (FlightRecorder.isInitialized() && BurstEvent.recorded()) {
            BurstEvent.write(options.device(), options.index(), commits - published, wanted);
        }
        published = commits;
        return wanted;
    }

    /**
     * What the data of a notification says beside the queue's index: where the next chain will be made available (NOTIFICATION_DATA,
     * content:473): the first that {@link #publish} has not shown. 16 bits.
     */
    public abstract int notificationOffset();

    /**
     * Asks the device for a signal at the next chain that it uses, when the queue was made to want any.
     *
     * @return whether it has used one already: then no signal may come, and the caller polls again
     */
    public boolean askForSignal() {
        assert isOwned() : strange();
        wishForSignal();
        // Full: the wish is visible before the device's word is read; it pairs with the device's fence between its word
        // and its look at
        // the wish.
        VarHandle.fullFence();
        return hasUsed();
    }

    /**
     * Whether {@link #pollUsed()} has something to look at. One load of memory that the device can write, of which nothing is kept, so that
     * a turn of a polling loop costs hardly more than that.
     */
    public boolean hasUsed() {
        assert isOwned() : strange();
        return usedThrough > givenBack || seesUsed();
    }

    /**
     * Takes the next chain that the device is done with.
     *
     * @return its id, or {@link #NONE}
     * @throws QueueBrokenException when the device said something impossible, now or earlier
     */
    public int pollUsed() throws QueueBrokenException {
        assert isOwned() : strange();
        requireWhole();
        return ordered ? pollInOrder() : pollAny();
    }

    /**
     * Takes chains that the device is done with. When it says something impossible behind chains that it was right about, those are given
     * back first, and the next call throws.
     *
     * @param used takes a number for each chain, of which {@link #idOf} and {@link #lengthOf} are the parts
     * @param most how many at most, 0 to the length of the array
     * @return how many
     * @throws QueueBrokenException when the device said something impossible, now or earlier
     */
    public int pollUsed(long[] used, int most) throws QueueBrokenException {
        assert isOwned() : strange();
        requireWhole();
        Objects.checkFromIndexSize(0, most, used.length);
        return ordered ? takeInOrder(used, most) : takeAny(used, most);
    }

    /** The id of a chain in what {@link #pollUsed(long[], int)} gave back. */
    public static int idOf(long used) {
        return (int) used;
    }

    /** The {@link #usedLength} of a chain in what {@link #pollUsed(long[], int)} gave back. */
    public static int lengthOf(long used) {
        return (int) (used >>> 32);
    }

    /**
     * How many bytes the device says it wrote into the chain that {@link #pollUsed()} gave back last: 0 to the bytes posted
     * writable, and all of these where its word is worth nothing. It is the device's word, not proof (split-ring:473). A chain that an ordered device passed over counts as written in
     * full (split-ring:500, packed-ring:297).
     */
    public int usedLength() {
        return lastUsedLength;
    }

    int pollAny() throws QueueBrokenException {
        if (!nextUsed()) {
            return NONE;
        }
        int id = wordId();
        checkUsedId(id, usedEntries);
        checkOutstanding(id, usedEntries);
        int length = worthOfLength(id, wordLength(), usedEntries);
        usedEntries++;
        takeUsed(entriesOf(id), 1);
        giveBack(id, length);
        return id;
    }

    /** One word of an ordered device is about a chain and all that are older. */
    int pollInOrder() throws QueueBrokenException {
        if (givenBack == usedThrough && !nextBatch()) {
            return NONE;
        }
        int id = oldest;
        boolean last = givenBack + 1 == usedThrough;
        int entries = entriesOf(id);
        giveBack(id, last ? lengthOfLast : (int) writableOf(id));
        oldest = id + entries < size ? id + entries : id + entries - size;
        return id;
    }

    int takeInOrder(long[] used, int most) throws QueueBrokenException {
        int done = 0;
        try {
            while (done < most && (givenBack != usedThrough || nextBatch())) {
                done += giveBackBatch(used, done, most);
            }
        } catch (QueueBrokenException e) {
            if (done == 0) {
                throw e;
            }
        }
        return done;
    }

    boolean nextBatch() throws QueueBrokenException {
        if (!nextUsed()) {
            return false;
        }
        int id = wordId();
        checkUsedId(id, usedEntries);
        checkOutstanding(id, usedEntries);
        int length = worthOfLength(id, wordLength(), usedEntries);
        long through = commitOf[id] + 1;
        int chains = (int) (through - givenBack);
        checkBatch(chains);
        // From the first entry of the oldest chain to the last of this one, round the ring.
        int entries = id + entriesOf(id) - oldest;
        takeUsed(entries > 0 ? entries : entries + size, chains);
        usedThrough = through;
        lengthOfLast = length;
        usedEntries++;
        return true;
    }

    /** The used length of an outstanding chain, from the device's word of it. */
    int worthOfLength(int id, int length, long entry) throws QueueBrokenException {
        if (lengthsIgnored) {
            return (int) writableOf(id);
        }
        checkUsedLength(id, length, entry);
        return length;
    }

    /** Gives back what is left of a batch, as much as fits. */
    int giveBackBatch(long[] used, int from, int most) {
        int chains = (int) Math.min(usedThrough - givenBack, most - from);
        int id = oldest;
        int entries = 0;
        for (int i = from; i < from + chains; i++) {
            long chain = chainOf[id];
            chainOf[id] = NOT_OUTSTANDING;
            used[i] = chain & 0xffff_ffff_0000_0000L | id;
            // By a branch where one entry is the rule, so that the next load need not wait for this one.
            int more = (int) chain == 1 ? 1 : (int) chain;
            entries += more;
            id = id + more < size ? id + more : id + more - size;
        }
        oldest = id;
        outstanding -= chains;
        givenBack += chains;
        if (givenBack == usedThrough) {
            used[from + chains - 1] = (long) lengthOfLast << 32 | used[from + chains - 1] & 0xffff_ffffL;
        }
        freeAhead(entries);
        return chains;
    }

    void giveBack(int id, int length) {
        int entries = entriesOf(id);
        outstanding--;
        givenBack++;
        lastUsedLength = length;
        freeChain(id, entries);
        chainOf[id] = NOT_OUTSTANDING;
    }

    int entriesOf(int id) {
        return (int) chainOf[id];
    }

    long writableOf(int id) {
        return chainOf[id] >>> 32;
    }

    /** Chains that the device was shown and has not given back. */
    long shown() {
        return outstanding - (commits - published);
    }

    // ---- the checks: each is a method of its own, which a sabotage test can take away

    void requireWhole() throws QueueBrokenException {
        if (fault != null) {
            throw new QueueBrokenException(fault);
        }
    }

    /** All bits that the format has for an id, before anything is narrowed: 0x10001 is not 1. */
    void checkUsedId(int id, long entry) throws QueueBrokenException {
        if (Integer.compareUnsigned(id, size) >= 0) {
            throw broken(entry, "id %s, allowed are 0 to %d".formatted(Integer.toUnsignedString(id), size - 1));
        }
    }

    void checkOutstanding(int id, long entry) throws QueueBrokenException {
        // Whether it was shown is a question only while some are not.
        if (chainOf[id] == NOT_OUTSTANDING || published != commits && commitOf[id] >= published) {
            throw broken(entry, "id %d is that of no outstanding chain".formatted(id));
        }
    }

    void checkUsedLength(int id, int length, long entry) throws QueueBrokenException {
        if (Integer.toUnsignedLong(length) > writableOf(id)) {
            throw broken(
                    entry,
                    "length %s, but chain %d has %d writable bytes"
                            .formatted(Integer.toUnsignedString(length), id, writableOf(id)));
        }
    }

    /** A device may not use more chains at once than its own count of them says. */
    abstract void checkBatch(int chains) throws QueueBrokenException;

    final QueueBrokenException broken(long entry, String what) {
        fault = new QueueFault(options.device(), options.index(), entry, what);
        drawFault();
        if (FlightRecorder.isInitialized()) {
            ViolationEvent.write(fault);
        }
        return new QueueBrokenException(fault);
    }

    // ---- what a format does

    /** Empties the rings and writes how the driver wants to be signalled. */
    abstract void clearRings();

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

    /** Puts back what the oldest chains of an ordered queue took. */
    abstract void freeAhead(int entries);

    /**
     * Commits chains of one buffer each, as many as there is room for; the arrays are long enough.
     *
     * @param flags of each descriptor, beside those of the format
     */
    abstract int commitBurst(long[] dvas, int[] lengths, int[] ids, int count, short flags);

    /** Takes up to {@code most} used chains of a queue that is not ordered; the array is long enough. */
    abstract int takeAny(long[] used, int most) throws QueueBrokenException;

    /** Makes what was committed visible with one release store, and says whether to notify. */
    abstract boolean show();

    /** Writes the wish for a signal at the next used chain, if any is wanted. */
    abstract void wishForSignal();

    /** Whether the device says now that it has used a chain, or it was known before. Nothing is taken. */
    abstract boolean seesUsed();

    /** Whether the device says that it has used a chain; if so its word is read, once, for the two below. */
    abstract boolean nextUsed() throws QueueBrokenException;

    /** The id in the device's word. */
    abstract int wordId();

    /** The length in the device's word. */
    abstract int wordLength();

    /** Goes past used entries. */
    abstract void takeUsed(int entries, int chains);

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

    /** Keeps a picture of the queue as the fault was found. */
    final void drawFault() {
        faultDump = dump();
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
            if (chainOf[id] != NOT_OUTSTANDING) {
                chains.add(new OutstandingChain(
                        id, commitOf[id], commitOf[id] < published, entriesOf(id), writableOf(id)));
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
            if (chainOf[id] != NOT_OUTSTANDING) {
                text.append("%n  id %d: %d entries, %d writable bytes%s"
                        .formatted(
                                id, entriesOf(id), writableOf(id), commitOf[id] >= published ? ", not shown yet" : ""));
            }
        }
        return text.toString();
    }

    /** Where driver and device are, for a picture. */
    abstract String positions();
}
