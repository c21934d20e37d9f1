package dev.postern.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.virtio.fake.SeenChain;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who tells whom in a packed ring, and when. */
class PackedQueueEventsTest extends OnBothCodes {

    private static final int ENABLE = 0;
    private static final int DISABLE = 1;
    private static final int AT_DESCRIPTOR = 2;
    private static final int WRAP = 0x8000;

    private static PackedBench bench(int size, QueueOptions.UsedSignals signals, QueueOptions.EventMarks events) {
        return new PackedBench(
                PackedBench.options(size, QueueOptions.Chaining.DIRECT, signals).withEvents(events));
    }

    @Test
    void aDeviceThatDisabledNotificationsGetsNoneAndOneThatEnabledThemAll() throws Exception {
        for (QueueOptions.EventMarks events : QueueOptions.EventMarks.values()) {
            try (PackedBench bench = bench(5, QueueOptions.UsedSignals.SUPPRESSED, events)) {
                // The reserved bits above the two mean nothing, nor does the place.
                for (int flags : new int[] {DISABLE, 0xfffc | DISABLE, ENABLE, 0xfffc | ENABLE, 3}) {
                    bench.device.deviceEvents(0x1234, flags);
                    int id = bench.commit(1);
                    assertEquals((flags & 3) != DISABLE, bench.queue.publish(), "flags 0x%x".formatted(flags));
                    bench.device.use(bench.device.take().orElseThrow(), 0);
                    assertEquals(id, bench.queue.pollUsed());
                }
            }
        }
    }

    @Test
    void aPlaceCountsForNothingWhereIndicesWereNotAgreedOn() throws Exception {
        try (PackedBench bench = bench(5, QueueOptions.UsedSignals.SUPPRESSED, QueueOptions.EventMarks.FLAGS)) {
            bench.device.deviceEvents(4 | WRAP, AT_DESCRIPTOR);
            bench.commit(1);
            assertTrue(bench.queue.publish(), "a notification too many does no harm");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 7, 8})
    void aNotificationIsDueWhenTheNamedDescriptorIsAmongThoseShownForEveryBurstAndPlace(int size) throws Exception {
        for (int start = 0; start < 2 * size; start++) {
            for (int burst = 1; burst <= size; burst++) {
                try (PackedBench bench =
                        bench(size, QueueOptions.UsedSignals.SUPPRESSED, QueueOptions.EventMarks.INDICES)) {
                    for (int i = 0; i < start; i++) {
                        bench.round(1);
                    }
                    int from = start;
                    for (int round = 0; round < 2; round++) {
                        for (int offset = 0; offset < size; offset++) {
                            checkPlace(bench, from, burst, offset, round == 0);
                            from += burst;
                        }
                    }
                }
            }
        }
    }

    /** Shows a burst from a running position, and has it used and taken back. */
    private static void checkPlace(PackedBench bench, int from, int burst, int offset, boolean wrap) throws Exception {
        int size = bench.queue.size();
        bench.device.deviceEvents(wrap ? offset | WRAP : offset, AT_DESCRIPTOR);
        boolean due = false;
        for (int position = from; position < from + burst; position++) {
            // The wrap counter starts as 1 and changes at each end of the ring.
            due |= position % size == offset && position / size % 2 == 0 == wrap;
            bench.commit(1);
        }
        assertEquals(
                due,
                bench.queue.publish(),
                "size %d, %d entries from %d, device named %d with wrap %b".formatted(size, burst, from, offset, wrap));
        for (SeenChain chain : bench.device.takeAll()) {
            bench.device.use(chain, 0);
            assertTrue(bench.queue.pollUsed() >= 0);
        }
    }

    @Test
    void aMarkInTheMiddleOfTheLargestRingIsMetByOneBurstOfAll() throws Exception {
        int size = 32768;
        try (PackedBench bench = bench(size, QueueOptions.UsedSignals.SUPPRESSED, QueueOptions.EventMarks.INDICES)) {
            int[] offsets = {0, 1, size / 2, size - 1};
            boolean wrap = true;
            for (int offset : offsets) {
                for (boolean named : new boolean[] {true, false}) {
                    bench.device.deviceEvents(named ? offset | WRAP : offset, AT_DESCRIPTOR);
                    for (int i = 0; i < size; i++) {
                        bench.commit(1);
                    }
                    assertEquals(named == wrap, bench.queue.publish(), "place %d wrap %b".formatted(offset, named));
                    bench.device.takeAll().forEach(chain -> bench.device.use(chain, 0));
                    while (bench.queue.pollUsed() != Virtqueue.NONE) {
                        // Each is checked by the queue.
                    }
                    wrap = !wrap;
                }
            }
        }
    }

    @Test
    void theWishForSignalsIsWrittenAsTheQueueWasMade() throws Exception {
        for (QueueOptions.EventMarks events : QueueOptions.EventMarks.values()) {
            try (PackedBench bench = bench(5, QueueOptions.UsedSignals.SUPPRESSED, events)) {
                assertEquals(DISABLE << 16, bench.device.driverEvents());
                bench.round(1);
                assertFalse(bench.queue.askForSignal());
                assertEquals(DISABLE << 16, bench.device.driverEvents(), "a polled queue asks for nothing");
            }
        }
        try (PackedBench bench = bench(5, QueueOptions.UsedSignals.WANTED, QueueOptions.EventMarks.FLAGS)) {
            bench.round(1);
            assertFalse(bench.queue.askForSignal());
            assertEquals(ENABLE << 16, bench.device.driverEvents(), "without indices, every event is wanted");
        }
    }

    @Test
    void askForSignalNamesTheDescriptorWhereTheNextUsedOneWillBe() throws Exception {
        try (PackedBench bench = bench(5, QueueOptions.UsedSignals.WANTED, QueueOptions.EventMarks.INDICES)) {
            int place = 0;
            boolean wrap = true;
            for (int turn = 0; turn < 20; turn++) {
                int buffers = 1 + turn % 3;
                int id = bench.post(buffers);
                SeenChain chain = bench.device.take().orElseThrow();
                assertFalse(bench.queue.askForSignal());
                assertEquals(AT_DESCRIPTOR << 16 | (wrap ? place | WRAP : place), bench.device.driverEvents());
                bench.device.use(chain, 0);
                assertTrue(bench.queue.askForSignal(), "a chain was used before the wish: no signal may come");
                assertEquals(id, bench.queue.pollUsed());
                place += buffers;
                if (place >= 5) {
                    place -= 5;
                    wrap = !wrap;
                }
            }
        }
    }
}
