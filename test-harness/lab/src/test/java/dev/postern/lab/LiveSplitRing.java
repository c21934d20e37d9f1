package dev.postern.lab;

import dev.postern.machine.Machine;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** A split ring: descriptors (split-ring:185) and available ring (split-ring:298). */
final class LiveSplitRing implements LiveRing {

    private static final int INDEX = 2;
    private static final int ENTRIES = 4;
    private static final int ENTRY_BYTES = 2;
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Machine machine;
    private final int size;
    private final MemorySegment descriptors;
    private final MemorySegment available;
    private int seen;

    LiveSplitRing(Machine machine, RawVirtio.QueuePlaces places) {
        this.machine = machine;
        size = places.size();
        descriptors = LiveRing.memory(machine, places.descriptors(), (long) size * LiveDescriptor.BYTES);
        available = LiveRing.memory(machine, places.driver(), ENTRIES + (long) size * ENTRY_BYTES);
    }

    @Override
    public int size() {
        return size;
    }

    /** Where the driver is. */
    int availableIndex() {
        return Short.toUnsignedInt(available.get(U16, INDEX));
    }

    /** Moves the driver. */
    void availableIndex(int index) {
        available.set(U16, INDEX, (short) index);
    }

    /** Puts another head where one was made available. */
    void head(int index, int head) {
        available.set(U16, slot(index), (short) head);
    }

    @Override
    public List<LiveChain> madeAvailable() {
        List<LiveChain> chains = new ArrayList<>();
        int until = availableIndex();
        for (; seen != until; seen = seen + 1 & 0xffff) {
            chains.add(chain(Short.toUnsignedInt(available.get(U16, slot(seen)))));
        }
        return chains;
    }

    @Override
    public int lap() {
        return availableIndex() >> 15;
    }

    @Override
    public void restart() {
        seen = 0;
    }

    private LiveChain chain(int head) {
        List<LiveDescriptor> entries = linked(descriptors, head);
        LiveDescriptor first = entries.getFirst();
        if (!first.has(LiveDescriptor.INDIRECT)) {
            return new LiveChain(entries, entries);
        }
        return new LiveChain(entries, linked(LiveRing.memory(machine, first.address(), first.length()), 0));
    }

    private static List<LiveDescriptor> linked(MemorySegment table, int first) {
        List<LiveDescriptor> chain = new ArrayList<>();
        LiveDescriptor at = LiveDescriptor.split(table, first);
        chain.add(at);
        while (at.has(LiveDescriptor.NEXT)) {
            at = LiveDescriptor.split(table, at.link());
            chain.add(at);
        }
        return chain;
    }

    private long slot(int index) {
        return ENTRIES + (long) (index & size - 1) * ENTRY_BYTES;
    }
}
