package dev.postern.virtio.queue;

import static dev.postern.virtio.queue.Descriptor.*;
import static dev.postern.virtio.queue.PackedLayout.*;

import dev.postern.dma.CoherentBuffer;
import dev.postern.dma.DmaContext;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.List;

/**
 * A packed virtqueue (packed-ring:1). The driver writes descriptors round the ring, and the device writes over them what it has used. The
 * id of a chain is a number of the driver's own.
 *
 * <p>Many chains are shown at once: all flags but those of the first descriptor of a burst are written as chains are committed, and
 * those last, with release. The device takes descriptors in order (packed-ring:397), so it sees nothing of the burst before.
 */
final class PackedQueue extends Virtqueue {

    private final boolean eventIndices;

    private final CoherentBuffer ring;
    private final CoherentBuffer driverEvents;
    private final CoherentBuffer deviceEvents;
    private final MemorySegment ringArea;
    private final MemorySegment driverArea;
    private final MemorySegment deviceArea;

    // Free ids as a stack, which the device cannot reach.
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

    private int wordId;
    private int wordLength;

    private int id;
    private int slot;
    private boolean slotWrap;

    /** Flags of the entries of the chain under construction, by slot: an abandoned chain must leave none in the ring. */
    private final short[] flagsOf;

    PackedQueue(QueueOptions options, DmaContext context) {
        super(options);
        eventIndices = options.events() == QueueOptions.EventMarks.INDICES;
        freeIds = new int[size];
        flagsOf = new short[size];
        CoherentBuffer[] taken = new CoherentBuffer[3];
        try {
            taken[0] = context.allocateCoherent((long) size * BYTES, ALIGNMENT);
            taken[1] = context.allocateCoherent(EVENT_BYTES, EVENT_ALIGNMENT);
            taken[2] = context.allocateCoherent(EVENT_BYTES, EVENT_ALIGNMENT);
            takeTables(context);
        } catch (RuntimeException e) {
            Arrays.stream(taken).filter(b -> b != null).forEach(CoherentBuffer::close);
            throw e;
        }
        ring = taken[0];
        driverEvents = taken[1];
        deviceEvents = taken[2];
        ringArea = ring.segment();
        driverArea = driverEvents.segment();
        deviceArea = deviceEvents.segment();
        restart();
    }

    @Override
    public QueueAddresses addresses() {
        return new QueueAddresses(
                size, ring.deviceAddress(), driverEvents.deviceAddress(), deviceEvents.deviceAddress());
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

    @Override
    void closeRings() {
        ring.close();
        driverEvents.close();
        deviceEvents.close();
    }

    // ---- chains

    @Override
    int freeEntries() {
        return freeCount;
    }

    @Override
    void startChain() {
        id = freeIds[freeIdCount - 1];
        slot = next;
        slotWrap = nextWrap;
    }

    @Override
    void writeElement(long dva, int length, short flags) {
        if (indirect) {
            // packed-ring:499: no flag but WRITE in a table.
            MemorySegment table = tables.segment(id);
            long at = tables.offset(id) + (long) added * BYTES;
            U64.set(table, at + ADDR, dva);
            U32.set(table, at + LEN, length);
            U16.set(table, at + ID, (short) 0);
            U16.set(table, at + PackedLayout.FLAGS, flags);
        } else {
            boolean more = added < elements - 1;
            writeEntry(dva, length, more ? (short) (flags | NEXT) : flags);
        }
    }

    @Override
    int finishChain(int entries) {
        if (indirect) {
            writeEntry(tables.dva(id), elements * BYTES, INDIRECT);
        }
        int first = 0;
        if (burstEntries == 0) {
            burstAt = next;
            burstFlags = flagsOf[next];
            first = 1;
        }
        // They may be visible at once: the device does not get so far before the burst is shown (packed-ring:485). Not
        // before the
        // commit, though: flags of an abandoned chain would give its entries to the device behind the next, shorter
        // one.
        for (int entry = first; entry < entries; entry++) {
            int at = next + entry < size ? next + entry : next + entry - size;
            U16.set(ringArea, (long) at * BYTES + PackedLayout.FLAGS, flagsOf[at]);
        }
        burstEntries += entries;
        next = slot;
        nextWrap = slotWrap;
        freeIdCount--;
        freeCount -= entries;
        return id;
    }

    @Override
    void freeChain(int chainId, int entries) {
        freeIds[freeIdCount++] = chainId;
        freeCount += entries;
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
        // give the first
        // one to the device. It pairs with the device's acquire of these flags.
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
        // built
        // when some are
        // committed and not shown.
        if (burstEntries > 0) {
            return (burstFlags & AVAIL) != 0 ? burstAt | EVENT_WRAP : burstAt;
        }
        return nextWrap ? next | EVENT_WRAP : next;
    }

    @Override
    boolean wishForSignal() {
        if (options.signals() == QueueOptions.UsedSignals.WANTED && eventIndices) {
            int place = lookWrap ? look | EVENT_WRAP : look;
            // One store of both halves.
            U32.set(driverArea, 0L, EVENTS_AT_DESCRIPTOR << 16 | place);
        }
        // Full: the wish is visible before the flags are read; it pairs with the device's fence between the two.
        VarHandle.fullFence();
        return usedAt(look, lookWrap);
    }

    private boolean usedAt(int place, boolean wrap) {
        // Acquire: pairs with the device's release of the flags; id, length and data are visible after.
        int flags = (short) U16.getAcquire(ringArea, (long) place * BYTES + PackedLayout.FLAGS);
        boolean available = (flags & AVAIL) != 0;
        boolean used = (flags & USED) != 0;
        return available == used && used == wrap;
    }

    @Override
    boolean nextUsed() {
        if (!usedAt(look, lookWrap)) {
            return false;
        }
        long at = (long) look * BYTES;
        // One read each: the device may change them while we look.
        wordId = (short) U16.get(ringArea, at + ID) & 0xffff;
        // The length counts with WRITE in the flags only (packed-ring:178), which QEMU never sets and Linux never looks
        // at
        // (hw/virtio/virtio.c virtqueue_packed_fill_desc, drivers/virtio/virtio_ring.c). It is checked either way.
        wordLength = (int) U32.get(ringArea, at + LEN);
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
        look += entries;
        if (look >= size) {
            look -= size;
            lookWrap = !lookWrap;
        }
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
