package dev.postern.virtio.fake;

import dev.postern.dma.DeviceView;
import dev.postern.virtio.queue.QueueAddresses;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The device side of a split virtqueue, from split-ring.tex, lines 180 to 530. It takes chains, records what it saw, and answers as
 * told, rightly or not. A chain that the specification forbids the driver to make fails the test where it is met.
 */
public final class ScriptedQueue implements ScriptedRing {

    // split-ring.tex, line 190: struct virtq_desc { le64 addr; le32 len; le16 flags; le16 next; }
    private static final int DESCRIPTOR = 16;
    // split-ring.tex, line 293: struct virtq_avail { le16 flags; le16 idx; le16 ring[]; }
    // split-ring.tex, line 390: struct virtq_used { le16 flags; le16 idx; struct { le32 id; le32 len; } ring[]; }
    private static final int FLAGS = 0;
    private static final int INDEX = 2;
    private static final int RING = 4;

    private final DeviceView memory;
    private final QueueAddresses at;
    private final ByteBuffer scratch = ByteBuffer.allocate(DESCRIPTOR).order(ByteOrder.LITTLE_ENDIAN);
    private final MemorySegment two = MemorySegment.ofBuffer(scratch).asSlice(0, 2);
    private final MemorySegment eight = MemorySegment.ofBuffer(scratch).asSlice(0, 8);
    private final MemorySegment sixteen = MemorySegment.ofBuffer(scratch);
    private int nextAvailable;
    private int nextUsed;

    /** A device that has been told where its queue is. */
    public ScriptedQueue(DeviceView memory, QueueAddresses at) {
        this.memory = memory;
        this.at = at;
    }

    /** Entries. */
    public int size() {
        return at.size();
    }

    /** The driver's flags. */
    public int availableFlags() {
        return read16(at.driverDva() + FLAGS);
    }

    /** The driver's index. */
    public int availableIndex() {
        return read16(at.driverDva() + INDEX);
    }

    /** What stands in a slot of the available ring. */
    public int availableSlot(int slot) {
        return read16(at.driverDva() + RING + 2L * slot);
    }

    /** An entry of the descriptor area. */
    public SeenBuffer descriptor(int slot) {
        return descriptor(at.descriptorDva(), slot);
    }

    /** How many chains wait. */
    public int waiting() {
        return availableIndex() - nextAvailable & 0xffff;
    }

    /** The next chain; empty when none waits. */
    public Optional<SeenChain> take() {
        if (waiting() == 0) {
            return Optional.empty();
        }
        int head = availableSlot(nextAvailable % at.size());
        nextAvailable = nextAvailable + 1 & 0xffff;
        return Optional.of(walk(head));
    }

    @Override
    public List<SeenChain> takeAll() {
        List<SeenChain> all = new ArrayList<>();
        for (Optional<SeenChain> chain = take(); chain.isPresent(); chain = take()) {
            all.add(chain.get());
        }
        return all;
    }

    @Override
    public void use(List<SeenChain> batch, int length) {
        // split-ring.tex, line 479: one element for a batch, at the place of its first, and an index that counts them
        // all.
        put(nextUsed % at.size(), batch.getLast().head(), length);
        nextUsed = nextUsed + batch.size() & 0xffff;
        announce();
    }

    /** The used index at which the driver wants a signal (EVENT_IDX). */
    public int usedEvent() {
        return read16(at.driverDva() + RING + 2L * at.size());
    }

    /** Writes the available index at which the device wants a notification (EVENT_IDX). */
    public void availEvent(int index) {
        scratch.putShort(0, (short) index);
        memory.write(at.deviceDva() + RING + 8L * at.size(), two);
    }

    /** Writes a used element and announces it. */
    public void complete(int id, int length) {
        stage(id, length);
        announce();
    }

    /** Writes a used element that {@link #announce} will show. All 32 bits of both are written. */
    public void stage(int id, int length) {
        put(nextUsed % at.size(), id, length);
        nextUsed = nextUsed + 1 & 0xffff;
    }

    /** Overwrites a used element. */
    public void put(int slot, int id, int length) {
        scratch.putInt(0, id).putInt(4, length);
        memory.write(at.deviceDva() + RING + 8L * slot, eight);
    }

    /** Shows what was staged with one store of the index. */
    public void announce() {
        usedIndex(nextUsed);
    }

    /** Writes the used index, whatever it ought to be. */
    public void usedIndex(int index) {
        scratch.putShort(0, (short) index);
        memory.write(at.deviceDva() + INDEX, two);
    }

    /** Writes the device's flags. */
    public void usedFlags(int flags) {
        scratch.putShort(0, (short) flags);
        memory.write(at.deviceDva() + FLAGS, two);
    }

    private SeenChain walk(int head) {
        require(head < at.size(), "split-ring:321: available entry %d of a queue of %d", head, at.size());
        List<SeenBuffer> buffers = new ArrayList<>();
        SeenBuffer first = descriptor(head);
        if (first.table()) {
            require(!first.more(), "split-ring:274: entry %d has INDIRECT and NEXT", head, 0);
            require(
                    first.length() > 0 && first.length() % DESCRIPTOR == 0,
                    "split-ring:249: the table of entry %d has %d bytes",
                    head,
                    first.length());
            follow(first.dva(), 0, (int) (first.length() / DESCRIPTOR), buffers);
            buffers.forEach(b -> require(!b.table(), "split-ring:267: table entry %d of %d", b.slot(), head));
            require(buffers.size() <= at.size(), "split-ring:271: chain %d of %d buffers", head, buffers.size());
            return new SeenChain(head, Optional.of(first), List.copyOf(buffers));
        }
        follow(at.descriptorDva(), head, at.size(), buffers);
        buffers.forEach(b -> require(!b.table(), "a table after plain entries: %d of %d", b.slot(), head));
        return new SeenChain(head, Optional.empty(), List.copyOf(buffers));
    }

    private void follow(long tableDva, int start, int entries, List<SeenBuffer> into) {
        int slot = start;
        boolean writable = false;
        while (true) {
            require(slot < entries, "next %d outside a table of %d", slot, entries);
            require(into.size() < entries, "split-ring:223: chain at %d is a loop longer than %d", start, entries);
            SeenBuffer buffer = descriptor(tableDva, slot);
            require(buffer.writable() || !writable, "split-ring:151: readable entry %d after writable, at %d", slot, 0);
            require((buffer.flags() & ~7) == 0, "entry %d has flags 0x%x", slot, buffer.flags());
            writable = buffer.writable();
            into.add(buffer);
            if (!buffer.more()) {
                return;
            }
            slot = buffer.next();
        }
    }

    private SeenBuffer descriptor(long tableDva, int slot) {
        memory.read(tableDva + (long) slot * DESCRIPTOR, sixteen);
        return new SeenBuffer(
                scratch.getLong(0),
                Integer.toUnsignedLong(scratch.getInt(8)),
                Short.toUnsignedInt(scratch.getShort(12)),
                Short.toUnsignedInt(scratch.getShort(14)),
                slot);
    }

    private int read16(long dva) {
        memory.read(dva, two);
        return Short.toUnsignedInt(scratch.getShort(0));
    }

    private static void require(boolean condition, String clause, long a, long b) {
        if (!condition) {
            throw new AssertionError("the driver broke a rule: " + clause.formatted(a, b));
        }
    }
}
