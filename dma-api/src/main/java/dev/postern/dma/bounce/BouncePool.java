package dev.postern.dma.bounce;

import dev.postern.dma.DmaMappingException;
import dev.postern.dma.DmaMisuseException;
import dev.postern.dma.PoolFullException;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.OutOfFramesException;
import dev.postern.memory.PhysRange;
import dev.postern.memory.PhysicalMemory;
import dev.postern.platform.SharedMemory;
import dev.postern.platform.SharingFailedException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Memory that devices can reach, for copies of buffers that they cannot reach.
 *
 * <p>It is cut into slots as they are asked for, and each device has a {@link PoolShare}. When nothing is left, slots that no
 * mapping uses are put together again, whatever device had them; then the pool grows, as far as it may; then it says that it is
 * full. It never waits. As long as nothing is mapped or quarantined, there is room for a mapping of {@link #largestMapping()}.
 *
 * <p><b>Ownership:</b> it takes its memory when it is made and gives it back in {@link #close()}. <b>Threads:</b> any.
 */
public final class BouncePool implements AutoCloseable {

    /** A mapping takes this part of the pool at most, so that one request with its header and status always fits. */
    private static final int PARTS = 8;

    private static final long PAGE = FrameAllocator.FRAME_BYTES;

    private final PoolMemory memory;
    private final PoolOptions options;
    private final long largest;
    private final Object lock = new Object();
    private final List<PoolPiece> pieces = new ArrayList<>();
    private final Set<PoolShare> shares = new LinkedHashSet<>();
    private final TreeMap<Long, SlotSpan> spans = new TreeMap<>();
    private final Map<PhysRange, PoolPiece> lent = new HashMap<>();
    /** The slots of the span that begins at a page; read without the lock. */
    private volatile BounceSlot[][] table = new BounceSlot[0][];

    private int pages;
    private int lastShareId;
    private int lastGeneration;
    private long size;
    private long initialSize;
    private long reserved;
    private long highWater;
    private long fullEvents;
    private long quarantined;
    private long endedMappings;
    private long endedBytes;
    /** Why the last block could not be opened to its device; null when that was not tried, or it could. */
    private PoolFullException notOpened;

    private boolean closed;

    private BouncePool(PoolMemory memory, PoolOptions options) {
        this.memory = memory;
        this.options = options;
        checkSize("initialBytes", options.initialBytes());
        checkSize("mostBytes", options.mostBytes());
        largest = Math.min(SizeClass.LARGEST, Long.highestOneBit(options.initialBytes() / PARTS));
        synchronized (lock) {
            takeInitialMemory();
        }
    }

    /**
     * A pool of memory that the platform shares.
     *
     * @param shared borrowed; it must outlive the pool
     * @throws IllegalArgumentException when a size is not in whole granules, below {@link PoolOptions#SMALLEST_BYTES} or beyond
     *     what can be shared
     * @throws DmaMappingException when the memory cannot be had; nothing is kept then
     */
    public static BouncePool over(SharedMemory shared, PoolOptions options) {
        return new BouncePool(new PlatformPoolMemory(shared, options.request()), options);
    }

    /**
     * A pool of ordinary RAM, where devices reach all of it, for buffers that a device cannot use where they lie.
     *
     * @param frames borrowed; it must outlive the pool
     * @throws IllegalArgumentException when a size is not in whole frames, below {@link PoolOptions#SMALLEST_BYTES} or beyond RAM
     * @throws DmaMappingException when the memory cannot be had; nothing is kept then
     */
    public static BouncePool overFrames(FrameAllocator frames, PoolOptions options) {
        return new BouncePool(new FramePoolMemory(frames, options.request()), options);
    }

    /**
     * A pool over a range that devices can reach already and that does not grow, such as a {@code restricted-dma-pool}.
     *
     * @param name what messages call it
     * @param ram the RAM that holds the range
     * @param range whole pages, at least {@link PoolOptions#SMALLEST_BYTES}. They are reserved: no allocator hands them out
     * @throws IllegalArgumentException when the range is none
     */
    public static BouncePool restricted(String name, PhysicalMemory ram, PhysRange range) {
        if (range.basePa() % PAGE != 0 || !ram.contains(range.basePa(), range.length())) {
            throw new IllegalArgumentException(
                    "bounce pool %s: %s: give whole pages of one RAM region; RAM is %s".formatted(name, range, ram));
        }
        return new BouncePool(new RestrictedPoolMemory(ram, range), PoolOptions.fixed(name, range.length()));
    }

    /** What messages call it. */
    public String name() {
        return options.name();
    }

    /** How it was asked for. */
    public PoolOptions options() {
        return options;
    }

    /**
     * The longest mapping in bytes: an eighth of the initial size, rounded down to a power of two, but no more than 1 MiB. It is
     * 8 KiB for the smallest pool and does not change when the pool grows.
     */
    public long largestMapping() {
        return largest;
    }

    /** The address by which a device reaches a byte of the pool, before any offset of the bus. */
    public long sharedAlias(long pa) {
        return memory.sharedAlias(pa);
    }

    /** What it consists of now, in the order in which it was taken. */
    public List<PhysRange> ranges() {
        synchronized (lock) {
            return pieces.stream().map(PoolPiece::range).toList();
        }
    }

    /**
     * Opens a share for one device. As long as it is open, the pool does not grow to where the device does not reach.
     *
     * @param device what messages call it
     * @param addresses how it addresses pages of the pool; they are opened when the share gets them, and closed when it gives them up
     * @throws DmaMappingException when there is a part of the pool that the device cannot reach
     */
    public PoolShare share(String device, PageAddresses addresses) {
        synchronized (lock) {
            checkOpen();
            for (PoolPiece piece : pieces) {
                addresses.unreachable(piece.range()).ifPresent(why -> {
                    throw new DmaMappingException("DMA: %s: bounce pool %s has memory at 0x%x, %s"
                            .formatted(device, name(), piece.range().basePa(), why));
                });
            }
            PoolShare share = new PoolShare(this, device, addresses, ++lastShareId, options.areas());
            shares.add(share);
            return share;
        }
    }

    /**
     * Lends whole pages, zeroed, for what devices use all the time, such as rings.
     *
     * @param device what messages call the device
     * @param bytes at least 1
     * @param alignment a power of two
     * @throws DmaMappingException when there is no such block; none is longer than 1 MiB
     */
    public PhysRange lend(String device, long bytes, long alignment) {
        long most = SizeClass.LARGEST;
        if (bytes > most || alignment > most) {
            throw new DmaMappingException(
                    "DMA: %s: bounce pool %s lends at most %d bytes, aligned to no more; %d bytes aligned to 0x%x were asked for"
                            .formatted(device, name(), most, bytes, alignment));
        }
        long block = SizeClass.bytes(SizeClass.of(Math.max(Math.max(bytes, alignment), PAGE)));
        synchronized (lock) {
            checkOpen();
            Block found = takeBlock(block, ++lastShareId);
            if (found == null) {
                gatherFreeSlots();
                found = takeBlock(block, lastShareId);
            }
            if (found == null) {
                found = afterGrowth(block, lastShareId, new StringBuilder());
            }
            if (found == null) {
                throw full(device, bytes, "");
            }
            PhysRange range = new PhysRange(found.pa(), block);
            memory.ram().slice(range.basePa(), block).fill((byte) 0);
            lent.put(range, found.piece());
            return range;
        }
    }

    /** Takes lent pages back. */
    public void takeBack(PhysRange range) {
        synchronized (lock) {
            PoolPiece piece = lent.remove(range);
            if (piece == null) {
                throw new IllegalArgumentException("%s is not lent by bounce pool %s".formatted(range, name()));
            }
            piece.giveBack(range.basePa(), range.length());
            reserved -= range.length();
        }
    }

    /** What it has done so far. */
    public PoolStatistics statistics() {
        synchronized (lock) {
            long mappings = endedMappings;
            long bytes = endedBytes;
            for (SlotSpan span : spans.values()) {
                mappings += span.mappings();
                bytes += span.bytesBounced();
            }
            return new PoolStatistics(
                    mappings,
                    bytes,
                    bytesInUse(),
                    reserved,
                    highWater,
                    size,
                    size - initialSize,
                    fullEvents,
                    quarantined);
        }
    }

    /**
     * Gives the memory back; a piece with something left in it is kept from everybody instead. A second call does nothing.
     *
     * @throws DmaMisuseException when a context still uses the pool; nothing is given back then
     */
    @Override
    public void close() {
        synchronized (lock) {
            if (closed) {
                return;
            }
            if (!shares.isEmpty()) {
                throw new DmaMisuseException("bounce pool %s: closed while %s uses it: close its context first"
                        .formatted(name(), shares.iterator().next().device()));
            }
            closed = true;
            for (PoolPiece piece : pieces) {
                boolean left = piece.keepsBlock()
                        || lent.containsValue(piece)
                        || spans.values().stream().anyMatch(span -> span.piece() == piece);
                if (!left) {
                    memory.giveBack(piece.range());
                }
            }
        }
    }

    /** The slot with an index, or null. */
    BounceSlot slotAt(int index) {
        BounceSlot[][] rows = table;
        int page = index >>> BounceSlot.ORDINAL_BITS;
        if (page >= rows.length) {
            return null;
        }
        BounceSlot[] row = rows[page];
        int ordinal = index & (1 << BounceSlot.ORDINAL_BITS) - 1;
        return row == null || ordinal >= row.length ? null : row[ordinal];
    }

    /**
     * Finds a slot for a thread whose shelf is empty.
     *
     * @param shelf to put further slots on
     */
    BounceSlot refill(PoolShare share, int shelf, int sizeClass, long bytes) {
        synchronized (lock) {
            checkOpen();
            notOpened = null;
            // Somebody may have been here meanwhile.
            BounceSlot slot = share.pop(shelf);
            if (slot == null) {
                slot = cut(takeBlock(blockOf(sizeClass), share.id()), share, shelf, sizeClass);
            }
            if (slot == null) {
                slot = share.popAnywhere(shelf, sizeClass, sizeClass);
            }
            if (slot == null) {
                gatherFreeSlots();
                slot = cut(takeBlock(blockOf(sizeClass), share.id()), share, shelf, sizeClass);
            }
            if (slot == null) {
                slot = share.popAnywhere(shelf, sizeClass, SizeClass.COUNT - 1);
            }
            if (slot == null && notOpened == null) {
                StringBuilder refusal = new StringBuilder();
                slot = cut(afterGrowth(blockOf(sizeClass), share.id(), refusal), share, shelf, sizeClass);
                if (slot == null && notOpened == null) {
                    throw full(share.device(), bytes, refusal.toString());
                }
            }
            if (slot == null) {
                // There are pages, but they cannot be opened to the device: more of them would not help.
                fullEvents++;
                throw notOpened;
            }
            return slot;
        }
    }

    void countQuarantined() {
        synchronized (lock) {
            quarantined++;
        }
    }

    /** Ends a share; returns how many mappings were left. */
    int end(PoolShare share) {
        synchronized (lock) {
            gatherFreeSlots();
            shares.remove(share);
            int left = 0;
            for (SlotSpan span : spans.values()) {
                left += span.share() == share ? span.mapped() : 0;
            }
            return left;
        }
    }

    private record Block(PoolPiece piece, long pa, long bytes) {}

    private static long blockOf(int sizeClass) {
        return Math.max(PAGE, SizeClass.bytes(sizeClass));
    }

    private Block takeBlock(long bytes, int owner) {
        for (PoolPiece piece : pieces) {
            long pa = piece.take(bytes, owner);
            if (pa >= 0) {
                reserved += bytes;
                highWater = Math.max(highWater, reserved);
                return new Block(piece, pa, bytes);
            }
        }
        return null;
    }

    /**
     * Cuts a block into slots, returns the first and puts the others on a shelf, so that the next one is on top. Without a block, or when
     * it cannot be opened to the device now, the answer is null.
     */
    private BounceSlot cut(Block block, PoolShare share, int shelf, int sizeClass) {
        if (block == null) {
            return null;
        }
        long dva;
        try {
            dva = share.addresses().open(new PhysRange(block.pa(), block.bytes()));
        } catch (DmaMappingException e) {
            block.piece().giveBack(block.pa(), block.bytes());
            reserved -= block.bytes();
            if (e instanceof PoolFullException full) {
                notOpened = full;
                return null;
            }
            throw e;
        }
        // Far from what other slots at these places counted from, so that tokens of theirs are not taken for new ones.
        lastGeneration += 0x3c6e_f372;
        SlotSpan span = new SlotSpan(
                block.piece(),
                block.pa(),
                block.bytes(),
                dva,
                share,
                shelf,
                SizeClass.bytes(sizeClass),
                lastGeneration);
        spans.put(block.pa(), span);
        table[block.piece().pageAt(block.pa())] = span.slots();
        for (int i = span.slots().length - 1; i > 0; i--) {
            share.giveBack(span.slots()[i]);
        }
        return span.slots()[0];
    }

    /** Takes every span back of which no slot is used, from all shares; other slots stay where they were. */
    private void gatherFreeSlots() {
        ArrayDeque<BounceSlot> free = new ArrayDeque<>();
        for (PoolShare share : shares) {
            share.drainTo(free);
        }
        for (BounceSlot slot : free) {
            slot.span().found++;
        }
        while (!free.isEmpty()) {
            // From the bottom up, so that each shelf is as it was.
            BounceSlot slot = free.removeLast();
            SlotSpan span = slot.span();
            if (span.found < span.slots().length) {
                slot.share().giveBack(slot);
            } else if (slot == span.slots()[0]) {
                retire(span);
            }
        }
        for (SlotSpan span : spans.values()) {
            span.found = 0;
        }
    }

    private void retire(SlotSpan span) {
        endedMappings += span.mappings();
        endedBytes += span.bytesBounced();
        PhysRange range = span.range();
        spans.remove(range.basePa());
        table[span.piece().pageAt(range.basePa())] = null;
        if (span.share().addresses().close(range, span.deviceAddress())) {
            span.piece().giveBack(range.basePa(), range.length());
            reserved -= range.length();
        } else {
            span.piece().keepBlock();
        }
    }

    /** Adds memory and takes a block of it, or null with the reason. */
    private Block afterGrowth(long bytes, int owner, StringBuilder refusal) {
        long room = options.mostBytes() - size;
        long granule = memory.granuleBytes();
        // Twice as large each time, so that sharing is asked for rarely.
        long step = Math.min(room, size) & -granule;
        while (step >= bytes) {
            try {
                PhysRange range = memory.take(step, alignmentOf(step));
                Optional<String> unreached = unreached(range);
                if (unreached.isPresent()) {
                    memory.giveBack(range);
                    refusal.append("; it could not grow: ").append(unreached.get());
                    return null;
                }
                add(range);
                return takeBlock(bytes, owner);
            } catch (OutOfFramesException e) {
                step = step / 2 & -granule;
                refusal.replace(0, refusal.length(), "; it could not grow: ").append(e.getMessage());
            } catch (SharingFailedException e) {
                refusal.append("; it could not grow: ").append(e.getMessage());
                return null;
            }
        }
        return null;
    }

    /** Which device that uses the pool does not reach a range, and why. */
    private Optional<String> unreached(PhysRange range) {
        for (PoolShare share : shares) {
            Optional<String> why = share.addresses().unreachable(range);
            if (why.isPresent()) {
                return Optional.of("%s does not reach 0x%x, %s".formatted(share.device(), range.basePa(), why.get()));
            }
        }
        return Optional.empty();
    }

    private void takeInitialMemory() {
        long granule = memory.granuleBytes();
        long rest = options.initialBytes();
        long step = rest;
        while (rest > 0) {
            step = Math.min(step, rest);
            try {
                add(memory.take(step, alignmentOf(step)));
                rest -= step;
            } catch (OutOfFramesException e) {
                step = step / 2 & -granule;
                if (step < largest) {
                    throw abandoned(e.getMessage());
                }
            } catch (SharingFailedException e) {
                throw abandoned(e.getMessage());
            }
        }
        initialSize = size;
    }

    private DmaMappingException abandoned(String why) {
        for (PoolPiece piece : pieces) {
            memory.giveBack(piece.range());
        }
        return new DmaMappingException(
                "bounce pool %s: %d bytes cannot be had: %s".formatted(name(), options.initialBytes(), why));
    }

    private void add(PhysRange range) {
        pieces.add(new PoolPiece(range, memory.ram().slice(range.basePa(), range.length()), pages));
        pages += (int) (range.length() / PAGE);
        size += range.length();
        table = Arrays.copyOf(table, pages);
    }

    /** Slots lie at multiples of their size; a piece that does too wastes nothing. */
    private static long alignmentOf(long bytes) {
        return Math.min(SizeClass.LARGEST, Long.highestOneBit(bytes));
    }

    private void checkSize(String which, long bytes) {
        long granule = memory.granuleBytes();
        long least = PoolOptions.SMALLEST_BYTES + granule - 1 & -granule;
        if (bytes < least || bytes > memory.mostBytes() || bytes % granule != 0) {
            throw new IllegalArgumentException("bounce pool %s: %s is %d: give a multiple of %d, from %d to %d"
                    .formatted(name(), which, bytes, granule, least, memory.mostBytes() & -granule));
        }
    }

    private long bytesInUse() {
        long sum = lent.keySet().stream().mapToLong(PhysRange::length).sum();
        for (SlotSpan span : spans.values()) {
            sum += span.bytesInUse();
        }
        return sum;
    }

    private PoolFullException full(String device, long bytes, String refusal) {
        fullEvents++;
        return new PoolFullException(
                "DMA: %s: bounce pool %s has no room for %d bytes: %d of %d bytes are in use, high-water mark %d%s; wait until mappings end, or raise the pool's size above %d bytes"
                        .formatted(device, name(), bytes, bytesInUse(), size, highWater, refusal, options.mostBytes()));
    }

    private void checkOpen() {
        if (closed) {
            throw new DmaMisuseException("bounce pool %s is used after it was closed".formatted(name()));
        }
    }

    @Override
    public String toString() {
        synchronized (lock) {
            return "bounce pool %s, %d bytes, %d in use".formatted(name(), size, bytesInUse());
        }
    }
}
