package dev.postern.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContexts;
import dev.postern.dma.HostileContext;
import dev.postern.virtio.fake.ScriptedPackedQueue;
import dev.postern.virtio.fake.ScriptedQueue;
import dev.postern.virtio.fake.ScriptedRing;
import dev.postern.virtio.fake.SeenChain;
import dev.postern.virtio.fake.TestRam;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bursts do what chain after chain would, in every format and order. */
class BurstTest extends OnBothCodes {

    private static final int MOST = 16;

    private final long[] dvas = new long[MOST];
    private final int[] lengths = new int[MOST];
    private final int[] ids = new int[MOST];
    private final long[] used = new long[MOST];

    /** Both formats and orders, in sizes that bursts do not divide. */
    static Stream<QueueOptions> kinds() {
        List<QueueOptions> kinds = new ArrayList<>();
        for (QueueOptions.UseOrder order : QueueOptions.UseOrder.values()) {
            for (QueueOptions.Chaining chains : QueueOptions.Chaining.values()) {
                kinds.add(options(QueueOptions.Format.SPLIT, 8, chains, order));
                kinds.add(options(QueueOptions.Format.PACKED, 7, chains, order));
            }
            kinds.add(options(QueueOptions.Format.SPLIT, 1, QueueOptions.Chaining.DIRECT, order));
            kinds.add(options(QueueOptions.Format.PACKED, 1, QueueOptions.Chaining.DIRECT, order));
        }
        return kinds.stream();
    }

    static Stream<QueueOptions> unordered() {
        return kinds().filter(options -> options.order() == QueueOptions.UseOrder.ANY && options.size() > 1);
    }

    private static QueueOptions options(
            QueueOptions.Format format, int size, QueueOptions.Chaining chains, QueueOptions.UseOrder order) {
        return new QueueOptions(
                "q",
                3,
                size,
                3,
                format,
                chains,
                QueueOptions.UsedSignals.SUPPRESSED,
                QueueOptions.EventMarks.FLAGS,
                order);
    }

    /** A queue of each side. */
    private record Sides(HostileContext context, Virtqueue queue, ScriptedRing device) implements AutoCloseable {

        static Sides of(QueueOptions options, long seed) {
            HostileContext context = DmaContexts.hostile(seed, new TestRam(1 << 20).frames(), DmaConstraints.NONE, "q");
            Virtqueue queue = Virtqueue.open(chosen(options), context);
            return new Sides(
                    context,
                    queue,
                    switch (options.format()) {
                        case SPLIT -> new ScriptedQueue(context.deviceView(), queue.addresses());
                        case PACKED -> new ScriptedPackedQueue(context.deviceView(), queue.addresses());
                    });
        }

        @Override
        public void close() {
            queue.close();
            context.close();
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void burstsAndChainsInTurnsGoRoundTheRingUnharmed(QueueOptions options) throws Exception {
        long seed = Long.getLong("postern.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        try (Sides sides = Sides.of(options, seed)) {
            Map<Integer, Integer> lengthOf = new HashMap<>();
            List<Long> shown = new ArrayList<>();
            List<SeenChain> atDevice = new ArrayList<>();
            long dva = 1;
            for (int step = 0; step < 4000; step++) {
                int count = random.nextInt(MOST + 1);
                boolean writable = random.nextBoolean();
                for (int i = 0; i < count; i++) {
                    dvas[i] = dva + i;
                    lengths[i] = writable ? (int) (dva + i) : 1;
                }
                int added = writable
                        ? sides.queue.commitWritable(dvas, lengths, ids, count)
                        : sides.queue.commitReadable(dvas, lengths, ids, count);
                for (int i = 0; i < added; i++) {
                    assertNull(
                            lengthOf.put(ids[i], writable ? lengths[i] : 0),
                            "an id that is in use was given out again");
                    shown.add(dvas[i]);
                }
                dva += added;
                if (random.nextInt(4) == 0 && sides.queue.begin(Math.min(2, sides.queue.longestChain()))) {
                    int buffers = Math.min(2, sides.queue.longestChain());
                    shown.add(dva);
                    for (int i = 0; i < buffers; i++) {
                        sides.queue.writable(dva++, 1);
                    }
                    assertNull(lengthOf.put(sides.queue.commit(), buffers));
                }
                sides.queue.publish();
                for (SeenChain chain : sides.device.takeAll()) {
                    assertEquals(shown.removeFirst(), chain.buffers().getFirst().dva());
                    atDevice.add(chain);
                }
                assertTrue(shown.isEmpty(), "a published chain did not reach the device");
                answer(sides, options, atDevice, random);
                int most = random.nextInt(MOST + 1);
                int came = sides.queue.pollUsed(used, most);
                for (int i = 0; i < came; i++) {
                    assertEquals(lengthOf.remove(Virtqueue.idOf(used[i])), Virtqueue.lengthOf(used[i]));
                }
                assertEquals(lengthOf.size(), sides.queue.outstanding());
            }
        } catch (Throwable t) {
            throw new AssertionError("%s: repeat with -Dpostern.seed=%d".formatted(options, seed), t);
        }
    }

    private static void answer(Sides sides, QueueOptions options, List<SeenChain> atDevice, SplittableRandom random) {
        if (options.order() == QueueOptions.UseOrder.AS_AVAILABLE) {
            if (!atDevice.isEmpty()) {
                List<SeenChain> batch = List.copyOf(atDevice.subList(0, 1 + random.nextInt(atDevice.size())));
                sides.device.use(batch, (int) batch.getLast().writableBytes());
                atDevice.subList(0, batch.size()).clear();
            }
            return;
        }
        for (int i = random.nextInt(atDevice.size() + 1); i > 0; i--) {
            SeenChain chain = atDevice.remove(random.nextInt(atDevice.size()));
            sides.device.use(List.of(chain), (int) chain.writableBytes());
        }
    }

    @ParameterizedTest
    @MethodSource("unordered")
    void whatCameBeforeAnImpossibleElementIsGivenBackAndThenTheQueueIsBroken(QueueOptions options) throws Exception {
        try (Sides sides = Sides.of(options, 1)) {
            fill(3, 100);
            assertEquals(3, sides.queue.commitWritable(dvas, lengths, ids, 3));
            sides.queue.publish();
            List<SeenChain> chains = sides.device.takeAll();
            sides.device.use(chains.subList(0, 1), 100);
            sides.device.use(chains.subList(1, 2), 101);
            sides.device.use(chains.subList(2, 3), 100);
            assertEquals(1, sides.queue.pollUsed(used, MOST));
            assertEquals(ids[0], Virtqueue.idOf(used[0]));
            assertEquals(100, Virtqueue.lengthOf(used[0]));
            QueueBrokenException broken =
                    assertThrows(QueueBrokenException.class, () -> sides.queue.pollUsed(used, MOST));
            assertEquals(1, broken.fault().entry());
            assertTrue(broken.getMessage().contains("length 101"), broken.getMessage());
            assertThrows(QueueBrokenException.class, () -> sides.queue.commitWritable(dvas, lengths, ids, 1));
            sides.queue.restart();
            assertEquals(2, sides.queue.commitWritable(dvas, lengths, ids, 2), "a restart makes it whole");
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aBurstTakesWhatThereIsRoomForAndNoMore(QueueOptions options) throws Exception {
        try (Sides sides = Sides.of(options, 1)) {
            fill(MOST, 10);
            assertEquals(options.size(), sides.queue.commitReadable(dvas, lengths, ids, MOST));
            assertEquals(0, sides.queue.commitReadable(dvas, lengths, ids, MOST));
            assertEquals(options.size(), sides.queue.outstanding());
            sides.queue.publish();
            assertEquals(options.size(), sides.device.takeAll().size());
        }
    }

    @ParameterizedTest
    @MethodSource("unordered")
    void aLengthOfNothingEndsTheBurstBeforeIt(QueueOptions options) throws Exception {
        for (int wrong : new int[] {0, -1, Integer.MIN_VALUE}) {
            try (Sides sides = Sides.of(options, 1)) {
                fill(3, 10);
                lengths[2] = wrong;
                assertThrows(IllegalArgumentException.class, () -> sides.queue.commitReadable(dvas, lengths, ids, 3));
                assertEquals(2, sides.queue.outstanding());
                sides.queue.publish();
                assertEquals(2, sides.device.takeAll().size());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void arraysThatAreTooShortAndChainsUnderConstructionAreRefused(QueueOptions options) throws Exception {
        try (Sides sides = Sides.of(options, 1)) {
            fill(MOST, 10);
            assertThrows(
                    IndexOutOfBoundsException.class, () -> sides.queue.commitReadable(dvas, lengths, new int[1], 2));
            assertThrows(IndexOutOfBoundsException.class, () -> sides.queue.pollUsed(used, MOST + 1));
            assertTrue(sides.queue.begin(1));
            assertThrows(IllegalStateException.class, () -> sides.queue.commitReadable(dvas, lengths, ids, 1));
        }
    }

    private void fill(int count, int length) {
        for (int i = 0; i < count; i++) {
            dvas[i] = 0x1000 + i;
            lengths[i] = length;
        }
    }
}
