package dev.postern.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.virtio.fake.SeenBuffer;
import dev.postern.virtio.fake.SeenChain;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Random work against a model: whatever is added arrives whole, is answered once, in any order, and no descriptor ever
 * belongs to two chains.
 */
class SplitQueueModelTest extends OnBothCodes {

    private static final int STEPS = 200_000;

    @ParameterizedTest
    @CsvSource({
        "1, DIRECT",
        "2, DIRECT",
        "4, DIRECT",
        "8, DIRECT",
        "256, DIRECT",
        "1, INDIRECT",
        "2, INDIRECT",
        "4, INDIRECT",
        "8, INDIRECT",
        "256, INDIRECT"
    })
    void anyOrderOfWorkAgreesWithTheModel(int size, QueueOptions.Chaining chains) throws Exception {
        long seed = Long.getLong("postern.seed", System.nanoTime());
        try (QueueBench bench = new QueueBench(seed, size, 6, chains, QueueOptions.UsedSignals.SUPPRESSED)) {
            new Model(seed, bench).run();
        } catch (Throwable t) {
            throw new AssertionError("size %d, %s: repeat with -Dpostern.seed=%d".formatted(size, chains, seed), t);
        }
    }

    /** What one chain ought to look like. */
    private record Posted(List<Long> dvas, List<Integer> lengths, int writable, long writableBytes) {}

    private record Answer(int head, int length) {}

    private static final class Model {

        private final SplittableRandom random;
        private final QueueBench bench;
        private final Map<Integer, Posted> posted = new HashMap<>();
        private final ArrayDeque<Integer> shownOrder = new ArrayDeque<>();
        private final List<Integer> hidden = new ArrayList<>();
        private final List<SeenChain> atDevice = new ArrayList<>();
        private final Set<Integer> slotsAtDevice = new HashSet<>();
        private final ArrayDeque<Answer> answered = new ArrayDeque<>();
        private int staged;
        private long nextDva = 1;

        Model(long seed, QueueBench bench) {
            random = new SplittableRandom(seed);
            this.bench = bench;
        }

        void run() throws Exception {
            for (int step = 0; step < STEPS; step++) {
                switch (random.nextInt(8)) {
                    case 0, 1 -> add();
                    case 2 -> publish();
                    case 3 -> takeAtDevice();
                    case 4 -> stage();
                    case 5 -> announce();
                    case 6 -> poll();
                    default -> abandon();
                }
                assertEquals(posted.size(), bench.queue.outstanding());
            }
            drain();
        }

        private void drain() throws Exception {
            publish();
            takeAtDevice();
            while (!atDevice.isEmpty()) {
                stage();
            }
            announce();
            while (!answered.isEmpty()) {
                poll();
            }
            assertEquals(0, bench.queue.outstanding());
            for (int i = 0; i < bench.queue.size(); i++) {
                assertTrue(bench.queue.hasRoom(1), "descriptor lost: %d of %d left".formatted(i, bench.queue.size()));
                bench.commit(1);
            }
            assertTrue(!bench.queue.hasRoom(1), "a descriptor was handed out twice");
        }

        private void add() throws Exception {
            int buffers = 1 + random.nextInt(bench.queue.longestChain());
            boolean room = bench.queue.hasRoom(buffers);
            assertEquals(room, bench.queue.begin(buffers));
            if (!room) {
                return;
            }
            int writable = random.nextInt(buffers + 1);
            List<Long> dvas = new ArrayList<>();
            List<Integer> lengths = new ArrayList<>();
            long writableBytes = 0;
            for (int i = 0; i < buffers; i++) {
                int length = 1 + random.nextInt(10_000);
                dvas.add(nextDva);
                lengths.add(length);
                if (i < buffers - writable) {
                    bench.queue.readable(nextDva, length);
                } else {
                    bench.queue.writable(nextDva, length);
                    writableBytes += length;
                }
                nextDva += 0x1_0000_0001L;
            }
            int head = bench.queue.commit();
            Posted before = posted.put(head, new Posted(dvas, lengths, writable, writableBytes));
            assertEquals(null, before, "head %d is outstanding already".formatted(head));
            hidden.add(head);
        }

        private void abandon() throws Exception {
            if (bench.queue.begin(1)) {
                bench.queue.writable(-1, 1);
                bench.queue.abandon();
            }
        }

        private void publish() {
            assertEquals(!hidden.isEmpty(), bench.queue.publish());
            shownOrder.addAll(hidden);
            hidden.clear();
            assertEquals(shownOrder.size(), bench.device.waiting());
        }

        private void takeAtDevice() {
            for (SeenChain chain : bench.device.takeAll()) {
                assertEquals((int) shownOrder.remove(), chain.head());
                Posted expected = posted.get(chain.head());
                assertEquals(
                        expected.dvas(),
                        chain.buffers().stream().map(SeenBuffer::dva).toList());
                assertEquals(
                        expected.lengths(),
                        chain.buffers().stream().map(b -> (int) b.length()).toList());
                assertEquals(
                        expected.writable(),
                        chain.buffers().stream().filter(SeenBuffer::writable).count());
                for (int slot : slotsOf(chain)) {
                    assertTrue(slotsAtDevice.add(slot), "descriptor %d belongs to two chains".formatted(slot));
                }
                atDevice.add(chain);
            }
        }

        private static List<Integer> slotsOf(SeenChain chain) {
            return chain.tableEntry().isPresent()
                    ? List.of(chain.head())
                    : chain.buffers().stream().map(SeenBuffer::slot).toList();
        }

        private void stage() {
            if (!atDevice.isEmpty()) {
                SeenChain chain = atDevice.remove(random.nextInt(atDevice.size()));
                slotsOf(chain).forEach(slotsAtDevice::remove);
                int length = (int) random.nextLong(posted.get(chain.head()).writableBytes() + 1);
                bench.device.stage(chain.head(), length);
                staged++;
                answered.add(new Answer(chain.head(), length));
            }
        }

        private void announce() {
            bench.device.announce();
            staged = 0;
        }

        private void poll() throws Exception {
            int head = bench.queue.pollUsed();
            if (answered.size() == staged) {
                assertEquals(Virtqueue.NONE, head);
                return;
            }
            Answer expected = answered.remove();
            assertEquals(expected.head(), head);
            assertEquals(expected.length(), bench.queue.usedLength());
            posted.remove(head);
        }
    }
}
