package dev.postern.virtio.queue;

import static dev.postern.virtio.queue.Descriptor.*;
import static dev.postern.virtio.queue.PackedLayout.*;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.List;

/**
 * A packed virtqueue (packed-ring:1). The driver writes descriptors round the ring, and the device writes over them what it has used. The
 * id of a chain is a number of the driver's own.
 *
 * <p>Many chains are shown at once: all flags but those of the first descriptor of a burst are written as chains are committed, and
 * those last, with release. The device takes descriptors in order (packed-ring:397), so it sees nothing of the burst before.
 */
final class PackedQueue extends Virtqueue {

    /** The two flags in the word of length, id and flags that tell whose an entry is. */
    private static final long MARKS = (long) (AVAIL | USED) << 48;

    /** Has all bits that a place in the ring has. With it a compiler that knows the size knows that a place is inside. */
    @Folded
    private final int placeMask;

    @Folded
    private final boolean eventIndices;

    @Folded
    private final MemorySegment ringArea;

    @Folded
    private final MemorySegment driverArea;

    @Folded
    private final MemorySegment deviceArea;

    /** Free ids as a stack, which the device cannot reach. A chain of an ordered queue has the place of its first entry as its id. */
    @Folded
    private final int[] freeIds;

    private int freeIdCount;
    private int freeCount;

    // Where the driver writes next, and where it looks next for what was used; each with its wrap counter.
    private int next;
    private boolean nextWrap;
    private int look;
    private boolean lookWrap;

    // The burst that the device was not shown.
    private int burstAt;
    private short burstFlags;
    private int burstEntries;

    private long word;

    private int id;
    private int slot;
    private boolean slotWrap;

    /** Flags of the entries of the chain under construction, by slot: an abandoned chain must leave none in the ring. */
    private final short[] flagsOf;

    PackedQueue(QueueParts parts) {
        super(parts);
        placeMask = Integer.highestOneBit(size - 1) * 2 - 1;
        eventIndices = options.events() == QueueOptions.EventMarks.INDICES;
        ringArea = parts.descriptorArea().segment();
        driverArea = parts.driverArea().segment();
        deviceArea = parts.deviceArea().segment();
        freeIds = parts.free();
        flagsOf = parts.flagsOf();
        restart();
    }

    @Override
    void clearRings() {
        ringArea.fill((byte) 0);
        driverArea.fill((byte) 0);
        deviceArea.fill((byte) 0);
        if (options.signals() == QueueOptions.UsedSignals.SUPPRESSED) {
            U16.set(driverArea, EVENT_FLAGS, EVENTS_DISABLED);
        }
        for (int i = 0; i < size; i++) {
            freeIds[i] = size - 1 - i;
        }
        freeIdCount = size;
        freeCount = size;
        next = 0;
        nextWrap = true;
        look = 0;
        lookWrap = true;
        burstEntries = 0;
    }

    // ---- chains

    @Override
    int freeEntries() {
        return freeCount;
    }

    @Override
    void startChain() {
        id = ordered ? next : freeIds[freeIdCount - 1];
        slot = next;
        slotWrap = nextWrap;
    }

    @Override
    void writeElement(long dva, int length, short flags) {
        if (indirect) {
            // packed-ring:499: no flag but WRITE in a table.
            MemorySegment table = tables.segment(id);
            long at = tables.offset(id, elements) + (long) added * BYTES;
            U64.set(table, at + ADDR, dva);
            U64.set(table, at + LEN, (long) flags << 48 | length);
        } else {
            boolean more = added < elements - 1;
            writeEntry(dva, length, more ? (short) (flags | NEXT) : flags);
        }
    }

    @Override
    int finishChain(int entries) {
        if (indirect) {
            writeEntry(tables.dva(id, elements), elements * BYTES, INDIRECT);
        }
        int first = 0;
        if (burstEntries == 0) {
            burstAt = next;
            burstFlags = flagsOf[next];
            first = 1;
        }
        // They may be visible at once: the device does not get so far before the burst is shown (packed-ring:485).
        // Not before the commit, though: flags of an abandoned chain would give its entries to the device behind the
        // next, shorter one.
        for (int entry = first; entry < entries; entry++) {
            int at = next + entry < size ? next + entry : next + entry - size;
            U16.set(ringArea, (long) at * BYTES + PackedLayout.FLAGS, flagsOf[at]);
        }
        burstEntries += entries;
        next = slot;
        nextWrap = slotWrap;
        if (!ordered) {
            freeIdCount--;
        }
        freeCount -= entries;
        return id;
    }

    @Override
    void freeChain(int chainId, int entries) {
        if (!ordered) {
            freeIds[freeIdCount++] = chainId;
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
        int top = freeIdCount - 1;
        int at = next;
        long commit = commits;
        long writable = flags == WRITE ? -1 : 0;
        long marks = (long) ((nextWrap ? AVAIL : USED) | flags) << 48;
        long now = marks;
        if (burstEntries == 0 && burst > 0) {
            burstAt = at;
            burstFlags = (short) (marks >>> 48);
            // The first entry looks as the device has left it until the burst is shown.
            now ^= (long) AVAIL << 48;
        }
        int done = 0;
        for (; done < burst; done++) {
            int length = lengths[done];
            if (length < 1) {
                break;
            }
            int chainId = ordered ? at : freeIds[top - done];
            long entry = (long) (at & placeMask) * BYTES;
            WORD.set(ringArea, entry + ADDR, dvas[done]);
            // Length, id and flags in one store.
            WORD.set(ringArea, entry + LEN, now | (long) chainId << 32 | length);
            chainOf[chainId] = (length & writable) << 32 | 1;
            commitOf[chainId] = commit + done;
            ids[done] = chainId;
            if (++at == size) {
                at = 0;
                marks ^= MARKS;
            }
            now = marks;
        }
        nextWrap = (marks & (long) AVAIL << 48) != 0;
        next = at;
        if (!ordered) {
            freeIdCount -= done;
        }
        freeCount -= done;
        burstEntries += done;
        commits = commit + done;
        outstanding += done;
        if (done < burst) {
            throw tooShort(lengths[done]);
        }
        return done;
    }

    /** All but the flags, which wait for the commit. */
    private void writeEntry(long dva, int length, short flags) {
        long at = (long) slot * BYTES;
        U64.set(ringArea, at + ADDR, dva);
        U32.set(ringArea, at + LEN, length);
        U16.set(ringArea, at + ID, (short) id);
        flagsOf[slot] = (short) (flags | (slotWrap ? AVAIL : USED));
        if (++slot == size) {
            slot = 0;
            slotWrap = !slotWrap;
        }
    }

    // ---- events

    @Override
    boolean show() {
        // Release, packed-ring:572: every descriptor, table and buffer of the burst is visible before the flags that
        // give the first one to the device. It pairs with the device's acquire of these flags.
        U16.setRelease(ringArea, (long) burstAt * BYTES + PackedLayout.FLAGS, burstFlags);
        int entries = burstEntries;
        burstEntries = 0;
        // Full, packed-ring:650: the flags are visible before the device's wish is read, or both sides could wait.
        VarHandle.fullFence();
        // One read of both halves: offset and flags belong together.
        int wish = (int) U32.get(deviceArea, 0L);
        return switch (wish >>> 16 & EVENT_FLAGS_MASK) {
            case EVENTS_DISABLED -> false;
            case EVENTS_AT_DESCRIPTOR -> !eventIndices || asked(wish & 0xffff, entries);
            // The reserved value too: a notification too many does no harm.
            default -> true;
        };
    }

    /** Whether the place that the device named is among the entries just shown. */
    private boolean asked(int place, int entries) {
        int offset = place & EVENT_OFFSET;
        // As running indices that end at the driver's place: a mark of the round before lies one ring behind.
        int event = (place & EVENT_WRAP) != 0 == nextWrap ? offset : offset - size;
        return passed(event, next - entries, next);
    }

    @Override
    public int notificationOffset() {
        // packed-ring:460: the first descriptor that the device was not shown, which is not where the next chain is
        // built when some are committed and not shown.
        if (burstEntries > 0) {
            return (burstFlags & AVAIL) != 0 ? burstAt | EVENT_WRAP : burstAt;
        }
        return nextWrap ? next | EVENT_WRAP : next;
    }

    @Override
    void wishForSignal() {
        if (options.signals() == QueueOptions.UsedSignals.WANTED && eventIndices) {
            int place = lookWrap ? look | EVENT_WRAP : look;
            // One store of both halves.
            U32.set(driverArea, 0L, EVENTS_AT_DESCRIPTOR << 16 | place);
        }
    }

    @Override
    boolean seesUsed() {
        // Opaque, so that a loop reads it each time; without acquire, because nothing is taken here, and the poll that
        // follows has its
        // own.
        long read = (long) WORD.getOpaque(ringArea, (long) (look & placeMask) * BYTES + LEN);
        return (read & MARKS) == usedMarks(lookWrap);
    }

    /**
     * Length, id and flags of an entry in one read: the device may change them while we look. The length counts with WRITE in the flags only
     * (packed-ring:178), which QEMU never sets and Linux never looks at (hw/virtio/virtio.c virtqueue_packed_fill_desc,
     * drivers/virtio/virtio_ring.c). It is checked either way.
     */
    private long usedWord(int place) {
        return (long) WORD.get(ringArea, (long) (place & placeMask) * BYTES + LEN);
    }

    /** The marks of a used entry in the round with this wrap counter. */
    private static long usedMarks(boolean wrap) {
        return wrap ? MARKS : 0;
    }

    @Override
    boolean nextUsed() {
        long read = usedWord(look);
        // Acquire: pairs with the device's release of the flags; the data it wrote is visible after.
        VarHandle.acquireFence();
        if ((read & MARKS) != usedMarks(lookWrap)) {
            return false;
        }
        word = read;
        return true;
    }

    @Override
    int wordId() {
        return (int) (word >>> 32) & 0xffff;
    }

    @Override
    int wordLength() {
        return (int) word;
    }

    @Override
    void takeUsed(int entries, int chains) {
        look += entries;
        if (look >= size) {
            look -= size;
            lookWrap = !lookWrap;
        }
    }

    @Override
    int takeAny(long[] used, int most) throws QueueBrokenException {
        int place = look;
        long marks = usedMarks(lookWrap);
        int freed = freeIdCount;
        int entriesFreed = 0;
        int done = 0;
        try {
            for (; done < most; done++) {
                long word = usedWord(place);
                if ((word & MARKS) != marks) {
                    break;
                }
                long entry = usedEntries + done;
                int chainId = (int) (word >>> 32) & 0xffff;
                checkUsedId(chainId, entry);
                checkOutstanding(chainId, entry);
                int length = worthOfLength(chainId, (int) word, entry);
                int entries = (int) chainOf[chainId];
                chainOf[chainId] = NOT_OUTSTANDING;
                used[done] = (long) length << 32 | chainId;
                freeIds[freed++] = chainId;
                entriesFreed += entries;
                // By a branch where one entry is the rule, so that the next look need not wait for this one.
                place += entries == 1 ? 1 : entries;
                if (place >= size) {
                    place -= size;
                    marks ^= MARKS;
                }
            }
        } catch (QueueBrokenException e) {
            if (done == 0) {
                throw e;
            }
        }
        // Acquire, once for all: pairs with the device's release of each of these flags; the data it wrote is visible
        // after. Each entry was one read, which needs no order to the others.
        VarHandle.acquireFence();
        look = place;
        lookWrap = marks != 0;
        freeIdCount = freed;
        freeCount += entriesFreed;
        usedEntries += done;
        outstanding -= done;
        if (fault() != null) {
            // Behind chains that were given back meanwhile.
            drawFault();
        }
        return done;
    }

    /** The format has no count of chains: what is shown and outstanding was checked already. */
    @Override
    void checkBatch(int chains) {}

    @Override
    void drawRings(RingPicture picture, List<OutstandingChain> chains, QueueFault broken) {
        new PackedPicture(size, ringArea, driverArea, deviceArea, next, nextWrap, look, lookWrap, burstEntries)
                .draw(picture, broken);
    }

    @Override
    String positions() {
        return "available %d wrap %d, used %d wrap %d".formatted(next, nextWrap ? 1 : 0, look, lookWrap ? 1 : 0);
    }
}
