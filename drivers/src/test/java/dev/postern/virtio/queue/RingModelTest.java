package dev.postern.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContexts;
import dev.postern.dma.HostileContext;
import dev.postern.virtio.fake.ScriptedPackedQueue;
import dev.postern.virtio.fake.ScriptedQueue;
import dev.postern.virtio.fake.ScriptedRing;
import dev.postern.virtio.fake.SeenBuffer;
import dev.postern.virtio.fake.SeenChain;
import dev.postern.virtio.fake.TestRam;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random work in every kind of ring against a model: what is added arrives whole and in order, and comes back once with the length that the
 * device gave, whatever the bursts, the order of use and its batches.
 */
class RingModelTest {

    private static final int STEPS = 20_000;

    static Stream<QueueOptions> kinds() {
        List<QueueOptions> kinds = new ArrayList<>();
        for (QueueOptions.Format format : QueueOptions.Format.values()) {
            int[] sizes = format == QueueOptions.Format.SPLIT ? new int[] {1, 4, 8} : new int[] {1, 5, 7, 8};
            for (int size : sizes) {
                for (QueueOptions.Chaining chains : QueueOptions.Chaining.values()) {
                    for (QueueOptions.EventMarks events : QueueOptions.EventMarks.values()) {
                        for (QueueOptions.UseOrder order : QueueOptions.UseOrder.values()) {
                            kinds.add(new QueueOptions(
                                    "q", 3, size, 4, format, chains, QueueOptions.UsedSignals.WANTED, events, order));
                        }
                    }
                }
            }
        }
        return kinds.stream();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void randomWorkAgreesWithTheModel(QueueOptions options) {
        long seed = Long.getLong("postern.seed", System.nanoTime());
        try (HostileContext context =
                        DmaContexts.hostile(seed, new TestRam(1 << 20).frames(), DmaConstraints.NONE, "q");
                Virtqueue queue = Virtqueue.open(options, context)) {
            ScriptedRing device = switch (options.format()) {
                case SPLIT -> new ScriptedQueue(context.deviceView(), queue.addresses());
                case PACKED -> new ScriptedPackedQueue(context.deviceView(), queue.addresses());
            };
            new Model(seed, queue, device).run();
        } catch (Throwable t) {
            throw new AssertionError("%s: repeat with -Dpostern.seed=%d".formatted(options, seed), t);
        }
    }

    /** What a chain ought to look like. */
    private record Posted(List<Long> dvas, List<Long> lengths, List<Boolean> writable, long writableBytes) {}

    private record Answer(int id, int length) {}

    private static final class Model {

        private final SplittableRandom random;
        private final Virtqueue queue;
        private final ScriptedRing device;
        private final boolean ordered;
        private final Map<Integer, Posted> posted = new HashMap<>();
        private final List<Integer> hidden = new ArrayList<>();
        private final ArrayDeque<Integer> shown = new ArrayDeque<>();
        private final List<SeenChain> atDevice = new ArrayList<>();
        private final ArrayDeque<Answer> answered = new ArrayDeque<>();
        private long nextDva = 1;
        private int came;

        Model(long seed, Virtqueue queue, ScriptedRing device) {
            random = new SplittableRandom(seed);
            this.queue = queue;
            this.device = device;
            ordered = queue.options().order() == QueueOptions.UseOrder.AS_AVAILABLE;
        }

        void run() throws Exception {
            for (int step = 0; step < STEPS; step++) {
                switch (random.nextInt(8)) {
                    case 0, 1 -> add();
                    case 2 -> publish();
                    case 3 -> take();
                    case 4 -> use();
                    case 5 -> abandon();
                    case 6 -> assertEquals(!answered.isEmpty(), queue.askForSignal());
                    default -> poll();
                }
                assertEquals(posted.size(), queue.outstanding());
            }
            publish();
            take();
            while (!posted.isEmpty()) {
                use();
                poll();
            }
            assertEquals(Virtqueue.NONE, queue.pollUsed());
            assertTrue(queue.hasRoom(queue.longestChain()));
            assertTrue(came > STEPS / 40, "only %d chains came back".formatted(came));
        }

        private void add() throws Exception {
            int buffers = 1 + random.nextInt(queue.longestChain());
            boolean room = queue.hasRoom(buffers);
            assertEquals(room, queue.begin(buffers));
            if (!room) {
                return;
            }
            int readable = random.nextInt(buffers + 1);
            List<Long> dvas = new ArrayList<>();
            List<Long> lengths = new ArrayList<>();
            List<Boolean> writable = new ArrayList<>();
            long bytes = 0;
            for (int i = 0; i < buffers; i++) {
                int length = 1 + random.nextInt(10_000);
                dvas.add(nextDva);
                lengths.add((long) length);
                writable.add(i >= readable);
                if (i < readable) {
                    queue.readable(nextDva, length);
                } else {
                    queue.writable(nextDva, length);
                    bytes += length;
                }
                nextDva += 0x1_0000_0001L;
            }
            int id = queue.commit();
            assertNull(
                    posted.put(id, new Posted(dvas, lengths, writable, bytes)), "id %d is outstanding".formatted(id));
            hidden.add(id);
        }

        private void abandon() throws Exception {
            int buffers = 1 + random.nextInt(queue.longestChain());
            if (queue.begin(buffers)) {
                for (int i = random.nextInt(buffers + 1); i > 0; i--) {
                    queue.writable(-1, 1);
                }
                queue.abandon();
            }
        }

        private void publish() {
            queue.publish();
            shown.addAll(hidden);
            hidden.clear();
        }

        private void take() {
            for (SeenChain chain : device.takeAll()) {
                assertEquals(shown.poll(), chain.head(), "in the order of the commits");
                Posted expected = posted.get(chain.head());
                assertEquals(
                        expected.dvas(),
                        chain.buffers().stream().map(SeenBuffer::dva).toList());
                assertEquals(
                        expected.lengths(),
                        chain.buffers().stream().map(SeenBuffer::length).toList());
                assertEquals(
                        expected.writable(),
                        chain.buffers().stream().map(SeenBuffer::writable).toList());
                atDevice.add(chain);
            }
            assertEquals(0, shown.size(), "a chain was published and is not visible");
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
            int length = (int) random.nextLong(posted.get(last).writableBytes() + 1);
            device.use(batch, length);
            for (SeenChain chain : batch) {
                answered.add(new Answer(
                        chain.head(),
                        chain.head() == last
                                ? length
                                : (int) posted.get(chain.head()).writableBytes()));
            }
        }

        private void poll() throws Exception {
            int id = queue.pollUsed();
            if (answered.isEmpty()) {
                assertEquals(Virtqueue.NONE, id);
                return;
            }
            Answer expected = answered.remove();
            assertEquals(expected.id(), id);
            assertEquals(expected.length(), queue.usedLength());
            posted.remove(id);
            came++;
        }
    }
}
