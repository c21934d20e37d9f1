package dev.postern.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.dma.HostileContext;
import dev.postern.virtio.fake.ScriptedPackedQueue;
import dev.postern.virtio.fake.ScriptedQueue;
import dev.postern.virtio.fake.ScriptedRing;
import dev.postern.virtio.fake.SeenBuffer;
import dev.postern.virtio.fake.SeenChain;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A queue as it ought to be, worked at random beside a real one: what is added arrives whole and in the order of the commits, no
 * descriptor belongs to two chains, every chain comes back once with the length that the device gave, and either side is told of
 * what it asked to hear, whatever the bursts, the order of use and its batches.
 */
final class RingModel {

    /** What a chain ought to look like. */
    private record Posted(long[] dvas, int[] lengths, int readable, long writableBytes) {}

    /**
     * What the driver ought to hear of a chain.
     *
     * @param places how far the device's word goes, for the first chain that it is about; else 0
     */
    private record Answer(int id, int length, int places) {}

    private final SplittableRandom random;
    private final Virtqueue queue;
    private final ScriptedRing device;
    private final ModelWishes wishes;
    private final boolean packed;
    private final boolean ordered;
    private final boolean wanted;
    private final int longest;

    private final Posted[] posted;
    private final ArrayDeque<Integer> hidden = new ArrayDeque<>();
    private final ArrayDeque<Integer> shown = new ArrayDeque<>();
    private final List<SeenChain> atDevice = new ArrayList<>();
    /** Of a split ring. A packed device takes entries in turn, and what it has taken in may be written over. */
    private final BitSet slotsAtDevice = new BitSet();

    private final ArrayDeque<Answer> answered = new ArrayDeque<>();
    private int outstanding;
    private long nextDva = 1;
    private long added;
    private long hiddenPlaces;
    private long available;
    private long used;
    private long came;
    private long abandoned;

    /** Starts with the queue empty, as after its making or {@link Virtqueue#restart}. */
    RingModel(SplittableRandom random, Virtqueue queue, HostileContext context) {
        this.random = random;
        this.queue = queue;
        QueueOptions options = queue.options();
        packed = options.format() == QueueOptions.Format.PACKED;
        ordered = options.order() == QueueOptions.UseOrder.AS_AVAILABLE;
        wanted = options.signals() == QueueOptions.UsedSignals.WANTED;
        longest = queue.longestChain();
        posted = new Posted[queue.size()];
        boolean indices = options.events() == QueueOptions.EventMarks.INDICES;
        if (packed) {
            ScriptedPackedQueue own = new ScriptedPackedQueue(context.deviceView(), queue.addresses());
            device = own;
            wishes = new ModelWishes.Packed(own, queue.size(), indices);
        } else {
            ScriptedQueue own = new ScriptedQueue(context.deviceView(), queue.addresses());
            device = own;
            wishes = new ModelWishes.Split(own, indices);
        }
    }

    /** Works until so many chains were added, and leaves some outstanding. */
    void work(long chains) throws QueueBrokenException {
        while (added < chains) {
            switch (random.nextInt(16)) {
                case 0, 1, 2, 3, 4 -> add();
                case 5, 6 -> publish();
                case 7, 8 -> take();
                case 9, 10, 11 -> use();
                case 12 -> abandon();
                case 13 -> ask();
                case 14 -> wishes.change(random, available);
                default -> poll(1 + random.nextInt(8));
            }
            assertEquals(outstanding, queue.outstanding());
        }
    }

    /** Gets everything back. */
    void drain() throws QueueBrokenException {
        publish();
        take();
        while (outstanding > 0) {
            use();
            poll(1);
        }
        assertEquals(Virtqueue.NONE, queue.pollUsed());
        assertEquals(added, came);
        assertTrue(queue.hasRoom(longest), "entries were lost");
    }

    /** Chains that came back. */
    long came() {
        return came;
    }

    /** Chains that were begun and given up. */
    long abandoned() {
        return abandoned;
    }

    /** How often the running indices of a split ring, or the wrap counters of a packed one, started anew. */
    long wraps() {
        return used / (packed ? queue.size() : 1 << 16);
    }

    // ---- the driver

    private void add() throws QueueBrokenException {
        int buffers = 1 + random.nextInt(longest);
        boolean room = queue.hasRoom(buffers);
        assertEquals(room, queue.begin(buffers));
        if (!room) {
            return;
        }
        int readable = random.nextInt(buffers + 1);
        Posted chain = new Posted(new long[buffers], new int[buffers], readable, fill(buffers, readable));
        for (int i = 0; i < buffers; i++) {
            chain.dvas[i] = nextDva;
            chain.lengths[i] = lengthAt(nextDva);
            nextDva += 0x1_0000_0001L;
        }
        int id = queue.commit();
        assertNull(posted[id], "an id that is outstanding");
        posted[id] = chain;
        hidden.add(id);
        hiddenPlaces += placesOf(buffers);
        outstanding++;
        added++;
    }

    /** Adds buffers to the chain under construction; returns how many bytes of them are writable. */
    private long fill(int buffers, int readable) {
        long writable = 0;
        long dva = nextDva;
        for (int i = 0; i < buffers; i++) {
            if (i < readable) {
                queue.readable(dva, lengthAt(dva));
            } else {
                queue.writable(dva, lengthAt(dva));
                writable += lengthAt(dva);
            }
            dva += 0x1_0000_0001L;
        }
        return writable;
    }

    /** A length that follows from the address, so that a mix-up of either shows. */
    private static int lengthAt(long dva) {
        return 1 + (int) (dva * 0x9e37_79b9_7f4a_7c15L >>> 51);
    }

    private int placesOf(int buffers) {
        boolean table = queue.options().chains() == QueueOptions.Chaining.INDIRECT && longest > 1 && buffers > 1;
        return !packed || table ? 1 : buffers;
    }

    private void abandon() throws QueueBrokenException {
        int buffers = 1 + random.nextInt(longest);
        if (queue.begin(buffers)) {
            for (int i = random.nextInt(buffers + 1); i > 0; i--) {
                queue.writable(-1, 1);
            }
            queue.abandon();
            abandoned++;
        }
    }

    private void publish() {
        boolean any = !hidden.isEmpty();
        assertEquals(wishes.notificationOffset(available), queue.notificationOffset());
        long before = available;
        available += hiddenPlaces;
        hiddenPlaces = 0;
        assertEquals(any && wishes.concerned(before, available), queue.publish(), "whether to notify");
        shown.addAll(hidden);
        hidden.clear();
    }

    private void ask() {
        assertEquals(!answered.isEmpty(), queue.askForSignal());
        // Where chains wait, the caller does not sleep, and asks again when it has taken them.
        if (wanted && answered.isEmpty()) {
            wishes.requireAsked(used);
        }
    }

    private void poll(int most) throws QueueBrokenException {
        for (int i = 0; i < most; i++) {
            int id = queue.pollUsed();
            if (answered.isEmpty()) {
                assertEquals(Virtqueue.NONE, id);
                return;
            }
            Answer expected = answered.remove();
            assertEquals(expected.id, id);
            assertEquals(expected.length, queue.usedLength());
            posted[id] = null;
            used += expected.places;
            outstanding--;
            came++;
        }
    }

    // ---- the device

    private void take() {
        for (SeenChain chain : device.takeAll()) {
            assertEquals(shown.remove(), chain.head(), "in the order of the commits");
            Posted expected = posted[chain.head()];
            List<SeenBuffer> buffers = chain.buffers();
            assertEquals(expected.dvas.length, buffers.size());
            for (int i = 0; i < buffers.size(); i++) {
                SeenBuffer buffer = buffers.get(i);
                assertEquals(expected.dvas[i], buffer.dva());
                assertEquals(expected.lengths[i], buffer.length());
                assertEquals(i >= expected.readable, buffer.writable());
            }
            if (!packed) {
                occupy(chain);
            }
            atDevice.add(chain);
        }
        assertTrue(shown.isEmpty(), "a chain was published and is not visible");
    }

    private void occupy(SeenChain chain) {
        for (int slot : slotsOf(chain)) {
            assertFalse(slotsAtDevice.get(slot), "an entry of two chains");
            slotsAtDevice.set(slot);
        }
    }

    private static int[] slotsOf(SeenChain chain) {
        return chain.tableEntry()
                .map(entry -> new int[] {entry.slot()})
                .orElseGet(() ->
                        chain.buffers().stream().mapToInt(SeenBuffer::slot).toArray());
    }

    private void use() {
        if (atDevice.isEmpty()) {
            return;
        }
        int first = ordered ? 0 : random.nextInt(atDevice.size());
        int count = ordered ? 1 + random.nextInt(atDevice.size()) : 1;
        List<SeenChain> batch = List.copyOf(atDevice.subList(first, first + count));
        atDevice.subList(first, first + count).clear();
        int last = batch.getLast().head();
        int length = (int) random.nextLong(posted[last].writableBytes + 1);
        device.use(batch, length);
        int places = 0;
        for (SeenChain chain : batch) {
            places += packed ? ScriptedPackedQueue.entries(chain) : 1;
            if (!packed) {
                for (int slot : slotsOf(chain)) {
                    slotsAtDevice.clear(slot);
                }
            }
        }
        for (SeenChain chain : batch) {
            int id = chain.head();
            answered.add(new Answer(id, id == last ? length : (int) posted[id].writableBytes, places));
            places = 0;
        }
    }
}
