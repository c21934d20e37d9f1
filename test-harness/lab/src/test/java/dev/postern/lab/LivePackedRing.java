package dev.postern.lab;

import dev.postern.machine.Machine;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** A packed ring (packed-ring:412). */
final class LivePackedRing implements LiveRing {

    private static final int AVAILABLE = 1 << 7;
    private static final int USED = 1 << 15;
    private static final int EVENT_FLAGS = 3;
    private static final int DISABLED = 1;
    private static final VarHandle U16 =
            ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private final Machine machine;
    private final int size;
    private final MemorySegment descriptors;
    private final MemorySegment deviceEvents;
    private int next;
    private boolean wrap = true;

    LivePackedRing(Machine machine, RawVirtio.QueuePlaces places) {
        this.machine = machine;
        size = places.size();
        descriptors = LiveRing.memory(machine, places.descriptors(), (long) size * LiveDescriptor.BYTES);
        deviceEvents = LiveRing.memory(machine, places.device(), 4);
    }

    @Override
    public int size() {
        return size;
    }

    /** An entry of the ring, whoever has it. */
    LiveDescriptor entry(int slot) {
        return LiveDescriptor.packed(descriptors, slot);
    }

    @Override
    public List<LiveChain> madeAvailable() {
        List<LiveChain> chains = new ArrayList<>();
        List<LiveDescriptor> chain = new ArrayList<>();
        // A full ring ends where it began: the entry there is available, but in the round before.
        while (available(entry(next))) {
            LiveDescriptor at = entry(next);
            chain.add(at);
            if (!at.has(LiveDescriptor.NEXT)) {
                chains.add(chain(List.copyOf(chain)));
                chain.clear();
            }
            if (++next == size) {
                next = 0;
                wrap = !wrap;
            }
        }
        return chains;
    }

    /** Makes entries look as in the round before, so that neither side has any business with them. */
    void takeBack(LiveChain chain) {
        chain.entries().forEach(entry -> entry.flags(entry.flags() ^ (AVAILABLE | USED)));
    }

    /** Whether the device says just now that it wants no notification (packed-ring:429). */
    boolean notificationsOff() {
        // Another process writes it.
        return ((short) U16.getVolatile(deviceEvents, 2L) & EVENT_FLAGS) == DISABLED;
    }

    /** packed-ring:104: the flags differ from each other, and the driver's is that of its round. */
    private boolean available(LiveDescriptor entry) {
        return entry.has(AVAILABLE) == wrap && entry.has(USED) != wrap;
    }

    @Override
    public int position() {
        return wrap ? next | 1 << 15 : next;
    }

    @Override
    public boolean untouched() {
        return entry(0).flags() == 0;
    }

    @Override
    public int lap() {
        return entry(0).has(AVAILABLE) ? 1 : 0;
    }

    @Override
    public void restart() {
        next = 0;
        wrap = true;
    }

    private LiveChain chain(List<LiveDescriptor> entries) {
        LiveDescriptor first = entries.getFirst();
        if (!first.has(LiveDescriptor.INDIRECT)) {
            return new LiveChain(entries, entries);
        }
        MemorySegment table = LiveRing.memory(machine, first.address(), first.length());
        List<LiveDescriptor> elements = new ArrayList<>();
        for (int slot = 0; slot < first.length() / LiveDescriptor.BYTES; slot++) {
            elements.add(LiveDescriptor.packed(table, slot));
        }
        return new LiveChain(entries, elements);
    }
}
