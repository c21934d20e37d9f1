package dev.postern.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContexts;
import dev.postern.dma.HostileContext;
import dev.postern.virtio.fake.TestRam;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random work in every kind of ring against {@link RingModel}. */
class RingModelTest {

    private static final long CAMPAIGN_CHAINS = 10_000_000;
    /** Enough for the running indices of a split ring to start anew. */
    private static final int CHAINS_OF_A_QUEUE = 70_000;

    private static final int LARGEST_EXPONENT = 15;

    /** Entries of rings that are content with little RAM. */
    private static final int SMALL = 64;

    private static final long SEED = Long.getLong("postern.seed", System.nanoTime());

    /** Format, tables, marks of events and order in every combination. */
    static Stream<QueueOptions> kinds() {
        List<QueueOptions> kinds = new ArrayList<>();
        for (QueueOptions.Format format : QueueOptions.Format.values()) {
            for (QueueOptions.Chaining chains : QueueOptions.Chaining.values()) {
                for (QueueOptions.EventMarks events : QueueOptions.EventMarks.values()) {
                    for (QueueOptions.UseOrder order : QueueOptions.UseOrder.values()) {
                        kinds.add(kind(format, chains, events, order));
                    }
                }
            }
        }
        return kinds.stream();
    }

    private static QueueOptions kind(
            QueueOptions.Format format,
            QueueOptions.Chaining chains,
            QueueOptions.EventMarks events,
            QueueOptions.UseOrder order) {
        return new QueueOptions("q", 3, 1, 1, format, chains, QueueOptions.UsedSignals.WANTED, events, order);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void smallRingsOfEverySizeAgreeWithTheModel(QueueOptions kind) {
        SplittableRandom seeds = seeds(kind);
        for (int size = 1; size <= 9; size++) {
            if (kind.format() == QueueOptions.Format.PACKED || Integer.bitCount(size) == 1) {
                work(sized(kind, size, 4), 2_000, seeds.nextLong());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void indicesAndWrapCountersStartAnew(QueueOptions kind) {
        int chains = kind.format() == QueueOptions.Format.SPLIT ? CHAINS_OF_A_QUEUE : 5_000;
        Tally tally = work(sized(kind, 16, 5), chains, seeds(kind).nextLong());
        assertTrue(tally.wraps > 0, tally::toString);
    }

    @Test
    @EnabledIfSystemProperty(named = "postern.campaign", matches = "true", disabledReason = "takes minutes: -Pcampaign")
    void tenMillionRandomChainsAgreeWithTheModel() {
        SplittableRandom random = new SplittableRandom(SEED);
        List<QueueOptions> kinds = kinds().toList();
        List<Tally> tallies = new ArrayList<>();
        Tally all = new Tally(0, 0, 0);
        while (all.came < CAMPAIGN_CHAINS) {
            int round = tallies.size();
            QueueOptions options = randomly(kinds.get(round % kinds.size()), random);
            Tally tally = work(options, CHAINS_OF_A_QUEUE, random.nextLong());
            tallies.add(tally);
            all = all.plus(tally);
            assertTrue(tally.wraps > 0, "%s: %s".formatted(options, tally));
        }
        assertTrue(tallies.size() >= kinds.size(), "not every kind of ring had its turn");
        System.out.printf("rings and their model: seed %d, %d queues, %s%n", SEED, tallies.size(), all);
    }

    /** A size of any magnitude, a longest chain, and signals or none. */
    private static QueueOptions randomly(QueueOptions kind, SplittableRandom random) {
        int most = 1 << random.nextInt(LARGEST_EXPONENT + 1);
        int size = kind.format() == QueueOptions.Format.SPLIT ? most : 1 + random.nextInt(most);
        return new QueueOptions(
                kind.device(),
                kind.index(),
                size,
                1 + random.nextInt(8),
                kind.format(),
                kind.chains(),
                random.nextInt(4) == 0 ? QueueOptions.UsedSignals.SUPPRESSED : QueueOptions.UsedSignals.WANTED,
                kind.events(),
                kind.order());
    }

    private static QueueOptions sized(QueueOptions kind, int size, int longestChain) {
        return new QueueOptions(
                kind.device(),
                kind.index(),
                size,
                longestChain,
                kind.format(),
                kind.chains(),
                kind.signals(),
                kind.events(),
                kind.order());
    }

    private static SplittableRandom seeds(QueueOptions kind) {
        return new SplittableRandom(SEED + kind.toString().hashCode());
    }

    /** Works a queue, restarts it with chains outstanding, and works it on. */
    private static Tally work(QueueOptions options, long chains, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        long ram = options.size() <= SMALL ? 2L << 20 : 64L << 20;
        try (HostileContext context = DmaContexts.hostile(seed, new TestRam(ram).frames(), DmaConstraints.NONE, "q");
                Virtqueue queue = Virtqueue.open(options, context)) {
            RingModel cut = new RingModel(random, queue, context);
            cut.work(chains / 50);
            queue.restart();
            RingModel whole = new RingModel(random, queue, context);
            whole.work(chains);
            whole.drain();
            return new Tally(cut.came() + whole.came(), cut.abandoned() + whole.abandoned(), whole.wraps());
        } catch (Throwable t) {
            throw new AssertionError("%s: repeat with -Dpostern.seed=%d".formatted(options, SEED), t);
        }
    }

    private record Tally(long came, long abandoned, long wraps) {

        Tally plus(Tally other) {
            return new Tally(came + other.came, abandoned + other.abandoned, wraps + other.wraps);
        }

        @Override
        public String toString() {
            return "%d chains came back, %d were abandoned, indices and wrap counters started anew %d times"
                    .formatted(came, abandoned, wraps);
        }
    }
}
