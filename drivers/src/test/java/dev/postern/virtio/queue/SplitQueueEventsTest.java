package dev.postern.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContexts;
import dev.postern.dma.HostileContext;
import dev.postern.virtio.fake.ScriptedQueue;
import dev.postern.virtio.fake.SeenChain;
import dev.postern.virtio.fake.TestRam;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** EVENT_IDX in a split queue: both sides name the index at which they want to be told. */
class SplitQueueEventsTest extends OnBothCodes {

    private static QueueOptions options(int size, QueueOptions.UsedSignals signals) {
        return new QueueOptions("q", 3, size, 1, QueueOptions.Chaining.DIRECT, signals)
                .withEvents(QueueOptions.EventMarks.INDICES);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 32767, 32768, 65528, 65533, 65534, 65535})
    void aPlaceIsPassedWhenItIsAmongThoseOfTheBurstOnEitherSideOfTheWrap(int before) {
        for (int burst : new int[] {1, 2, 3, 7, 256, 32767, 32768}) {
            int now = before + burst & 0xffff;
            int met = 0;
            for (int event = 0; event < 65536; event++) {
                boolean among = (event - before & 0xffff) < burst;
                assertEquals(
                        among,
                        Descriptor.passed(event, before, now),
                        "event %d, from %d to %d".formatted(event, before, now));
                met += among ? 1 : 0;
            }
            assertEquals(burst, met, "the oracle counts each index of the burst once");
        }
    }

    @Test
    void theDriverNotifiesAtTheNamedIndexThroughTheWrapAndNotAtTheFlags() throws Exception {
        try (HostileContext context = DmaContexts.hostile(1, new TestRam(8 << 20).frames(), DmaConstraints.NONE, "q");
                Virtqueue queue = Virtqueue.open(chosen(options(8, QueueOptions.UsedSignals.SUPPRESSED)), context)) {
            ScriptedQueue device = new ScriptedQueue(context.deviceView(), queue.addresses());
            // split-ring:530: with EVENT_IDX the flags are ignored.
            device.usedFlags(1);
            int index = 0;
            for (int turn = 0; index < 65536 + 64; turn++) {
                int burst = 1 + turn % 8;
                int event = index + turn % 11 - 1 & 0xffff;
                device.availEvent(event);
                for (int i = 0; i < burst; i++) {
                    assertTrue(queue.begin(1));
                    queue.writable(1, 1);
                    queue.commit();
                }
                boolean due = (event - index & 0xffff) < burst;
                assertEquals(due, queue.publish(), "event %d, %d from %d".formatted(event, burst, index));
                index += burst;
                for (SeenChain chain : device.takeAll()) {
                    device.complete(chain.head(), 0);
                    assertEquals(chain.head(), queue.pollUsed());
                }
            }
            assertEquals(0, device.availableFlags(), "split-ring:348: the driver's flag stays 0");
        }
    }

    @Test
    void theWishForASignalIsTheIndexThatIsSeenNextAndTheFlagStays0() throws Exception {
        try (HostileContext context = DmaContexts.hostile(1, new TestRam(8 << 20).frames(), DmaConstraints.NONE, "q");
                Virtqueue queue = Virtqueue.open(chosen(options(4, QueueOptions.UsedSignals.WANTED)), context)) {
            ScriptedQueue device = new ScriptedQueue(context.deviceView(), queue.addresses());
            for (int turn = 0; turn < 65536 + 5; turn++) {
                assertTrue(queue.begin(1));
                queue.writable(1, 1);
                int head = queue.commit();
                queue.publish();
                assertFalse(queue.askForSignal());
                assertEquals(turn & 0xffff, device.usedEvent());
                device.take().orElseThrow();
                device.complete(head, 0);
                assertTrue(queue.askForSignal(), "a chain was used before the wish: no signal may come");
                assertEquals(head, queue.pollUsed());
            }
            assertEquals(0, device.availableFlags(), "split-ring:348");
        }
    }

    @Test
    void aPolledQueueNamesAnIndexThatIsFarAwayAndLeavesTheFlagAt0() {
        try (HostileContext context = DmaContexts.hostile(1, new TestRam(8 << 20).frames(), DmaConstraints.NONE, "q");
                Virtqueue queue = Virtqueue.open(chosen(options(4, QueueOptions.UsedSignals.SUPPRESSED)), context)) {
            ScriptedQueue device = new ScriptedQueue(context.deviceView(), queue.addresses());
            assertFalse(queue.askForSignal());
            assertEquals(65535, device.usedEvent());
            assertEquals(0, device.availableFlags(), "split-ring:348");
        }
    }
}
