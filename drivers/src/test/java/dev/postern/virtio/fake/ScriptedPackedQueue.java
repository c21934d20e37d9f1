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
 * The device side of a packed virtqueue, from packed-ring.tex, lines 73 to 445. It takes chains, records what it saw, and answers as told,
 * rightly or not. A chain that the specification forbids the driver to make fails the test where it is met.
 *
 * <p>What it saw is in the records of the split format: the head of a chain is its buffer id, the next field of a buffer the raw id.
 */
public final class ScriptedPackedQueue implements ScriptedRing {

    // packed-ring.tex, line 413: struct pvirtq_desc { le64 addr; le32 len; le16 id; le16 flags; }
    private static final int DESCRIPTOR = 16;
    private static final int FLAGS = 14;
    // packed-ring.tex, lines 104 and 105
    private static final int AVAIL = 1 << 7;
    private static final int USED = 1 << 15;

    private final DeviceView memory;
    private final QueueAddresses at;
    private final ByteBuffer scratch = ByteBuffer.allocate(DESCRIPTOR).order(ByteOrder.LITTLE_ENDIAN);
    private final MemorySegment two = MemorySegment.ofBuffer(scratch).asSlice(0, 2);
    private final MemorySegment four = MemorySegment.ofBuffer(scratch).asSlice(0, 4);
    private final MemorySegment fourteen = MemorySegment.ofBuffer(scratch).asSlice(0, FLAGS);
    private final MemorySegment sixteen = MemorySegment.ofBuffer(scratch);
    private int nextAvailable;
    private boolean availableWrap = true;
    private int nextUsed;
    private boolean usedWrap = true;

    /** A device that has been told where its queue is. */
    public ScriptedPackedQueue(DeviceView memory, QueueAddresses at) {
        this.memory = memory;
        this.at = at;
    }

    /** A descriptor of the ring, as it lies there. */
    public SeenBuffer descriptor(int slot) {
        return descriptor(at.descriptorDva(), slot);
    }

    /** The driver's event suppression structure: the place in the low half, the flags in the high one. */
    public int driverEvents() {
        memory.read(at.driverDva(), four);
        return scratch.getInt(0);
    }

    /** Writes the device's event suppression structure, whatever it ought to be. */
    public void deviceEvents(int place, int flags) {
        scratch.putShort(0, (short) place).putShort(2, (short) flags);
        memory.write(at.deviceDva(), four);
    }

    /** The next chain; empty when none waits. */
    public Optional<SeenChain> take() {
        SeenBuffer first = descriptor(nextAvailable);
        if (!available(first)) {
            return Optional.empty();
        }
        List<SeenBuffer> buffers = new ArrayList<>();
        SeenBuffer buffer = first;
        while (true) {
            require(available(buffer), "packed-ring:485: entry %d of the chain at %d is not available", buffer, first);
            require((buffer.flags() & ~(AVAIL | USED | 7)) == 0, "entry %d of the chain at %d: flags", buffer, first);
            buffers.add(buffer);
            require(buffers.size() <= at.size(), "packed-ring:471: entry %d, chain at %d too long", buffer, first);
            step();
            if (!buffer.more()) {
                break;
            }
            buffer = descriptor(nextAvailable);
        }
        int id = buffers.getLast().next();
        if (!first.table()) {
            SeenBuffer last = buffers.getLast();
            buffers.forEach(b -> require(!b.table(), "packed-ring:505: table %d in the list at %d", b, last));
            requireOrder(buffers);
            return Optional.of(new SeenChain(id, Optional.empty(), List.copyOf(buffers)));
        }
        require(buffers.size() == 1, "packed-ring:505: entry %d has INDIRECT and NEXT, %d", first, first);
        require(
                first.length() > 0 && first.length() % DESCRIPTOR == 0,
                "entry %d: length of its table, %d",
                first,
                first);
        List<SeenBuffer> table = new ArrayList<>();
        for (int entry = 0; entry < first.length() / DESCRIPTOR; entry++) {
            SeenBuffer one = descriptor(first.dva(), entry);
            require((one.flags() & ~SeenBuffer.WRITE) == 0, "packed-ring:499: table entry %d of %d: flags", one, first);
            table.add(one);
        }
        require(table.size() <= at.size(), "packed-ring:471: table at entry %d, %d", first, first);
        requireOrder(table);
        return Optional.of(new SeenChain(id, Optional.of(first), List.copyOf(table)));
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
        use(
                batch.getLast().head(),
                length,
                batch.stream().mapToInt(ScriptedPackedQueue::entries).sum());
    }

    /** Uses one chain. */
    public void use(SeenChain chain, int length) {
        use(List.of(chain), length);
    }

    /**
     * Writes a used descriptor where the next one belongs, flags last, whatever it ought to say.
     *
     * @param id all 16 bits
     * @param length all 32 bits
     * @param skip how many entries to go on
     */
    public void use(int id, int length, int skip) {
        scratch.putLong(0, -1).putInt(8, length).putShort(12, (short) id);
        memory.write(at.descriptorDva() + (long) nextUsed * DESCRIPTOR, fourteen);
        flags(nextUsed, usedWrap ? AVAIL | USED : 0);
        nextUsed += skip;
        if (nextUsed >= at.size()) {
            nextUsed -= at.size();
            usedWrap = !usedWrap;
        }
    }

    /** Writes the flags of a descriptor, whatever they ought to be. */
    public void flags(int slot, int flags) {
        scratch.putShort(0, (short) flags);
        memory.write(at.descriptorDva() + (long) slot * DESCRIPTOR + FLAGS, two);
    }

    /** How many entries of the ring a chain takes. */
    public static int entries(SeenChain chain) {
        return chain.tableEntry().isPresent() ? 1 : chain.buffers().size();
    }

    private boolean available(SeenBuffer descriptor) {
        boolean available = (descriptor.flags() & AVAIL) != 0;
        boolean used = (descriptor.flags() & USED) != 0;
        return available == availableWrap && used != availableWrap;
    }

    private void step() {
        if (++nextAvailable == at.size()) {
            nextAvailable = 0;
            availableWrap = !availableWrap;
        }
    }

    private static void requireOrder(List<SeenBuffer> buffers) {
        for (int i = 1; i < buffers.size(); i++) {
            SeenBuffer before = buffers.get(i - 1);
            require(
                    buffers.get(i).writable() || !before.writable(),
                    "packed-ring:476: readable entry %d after writable entry %d",
                    buffers.get(i),
                    before);
        }
    }

    private SeenBuffer descriptor(long tableDva, int slot) {
        memory.read(tableDva + (long) slot * DESCRIPTOR, sixteen);
        return new SeenBuffer(
                scratch.getLong(0),
                Integer.toUnsignedLong(scratch.getInt(8)),
                Short.toUnsignedInt(scratch.getShort(14)),
                Short.toUnsignedInt(scratch.getShort(12)),
                slot);
    }

    private static void require(boolean condition, String clause, SeenBuffer a, SeenBuffer b) {
        if (!condition) {
            throw new AssertionError("the driver broke a rule: " + clause.formatted(a.slot(), b.slot()) + ": " + a);
        }
    }
}
