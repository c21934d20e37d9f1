package dev.postern.dma.bounce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.dma.BounceRules;
import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaDirection;
import dev.postern.dma.FakePageSharing;
import dev.postern.dma.PoolFullException;
import dev.postern.dma.SecureRam;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several threads map through one pool, and half of what one maps another one unmaps. */
final class BounceThreadsTest {

    private static final int THREADS = 4;
    private static final int TURNS = 8000;
    private static final int ROOM = 8192;

    private static final int PLACES = 128;

    /** A mapping on its way; the place of its buffer is free again when it was ended. */
    private record Handed(
            DmaContext context,
            long token,
            long pa,
            int length,
            DmaDirection direction,
            byte mark,
            AtomicIntegerArray places,
            int place) {}

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void everyMappingCarriesItsOwnBytesWhicheverThreadEndsIt(long seed) throws Exception {
        SecureRam secure = new SecureRam();
        BouncePool pool = BouncePool.over(
                secure.shared(),
                PoolOptions.fixed("test", 256 << 10).withAreas(2).growingTo(512 << 10));
        List<DmaContext> contexts = List.of(
                secure.open(pool, DmaConstraints.NONE, BounceRules.CAUTIOUS),
                secure.open(pool, DmaConstraints.NONE, BounceRules.CAUTIOUS));
        BlockingQueue<Handed> handed = new ArrayBlockingQueue<>(64);
        long[] served = new long[THREADS];
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<?>> futures = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                int me = thread;
                long area = secure.ram().buffer(PLACES * ROOM);
                futures.add(threads.submit(() -> served[me] = run(secure, contexts, handed, area, seed * 100 + me)));
            }
            for (Future<?> future : futures) {
                future.get(60, TimeUnit.SECONDS);
            }
        }
        for (Handed left : handed) {
            end(secure, left, "seed " + seed);
        }
        long sum = 0;
        for (long each : served) {
            sum += each;
        }
        assertEquals(sum, pool.statistics().mappings(), "seed " + seed);
        assertEquals(0, pool.statistics().bytesInUse(), "seed " + seed);
        contexts.forEach(DmaContext::close);
        pool.close();
        assertEquals(0, secure.shared().sharedBytes(), "seed " + seed);
    }

    private static long run(
            SecureRam secure, List<DmaContext> contexts, BlockingQueue<Handed> handed, long area, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        long served = 0;
        AtomicIntegerArray places = new AtomicIntegerArray(PLACES);
        for (int turn = 0; turn < TURNS; turn++) {
            int place = random.nextInt(PLACES);
            if (!places.compareAndSet(place, 0, 1)) {
                endOne(secure, handed, seed);
                continue;
            }
            DmaContext context = contexts.get(random.nextInt(contexts.size()));
            int length = 1 + random.nextInt(1 << random.nextInt(14));
            DmaDirection direction = random.nextBoolean() ? DmaDirection.TO_DEVICE : DmaDirection.FROM_DEVICE;
            byte mark = (byte) (1 + random.nextInt(255));
            long pa = area + (long) place * ROOM;
            if (direction == DmaDirection.TO_DEVICE) {
                secure.ram().at(pa, length).fill(mark);
            }
            Handed mapping;
            try {
                long token = context.map(pa, length, direction);
                mapping = new Handed(context, token, pa, length, direction, mark, places, place);
                served++;
            } catch (PoolFullException e) {
                places.set(place, 0);
                endOne(secure, handed, seed);
                continue;
            }
            if (direction == DmaDirection.FROM_DEVICE) {
                deviceSide(secure, mapping).fill(mark);
            }
            if (random.nextBoolean() || !handed.offer(mapping)) {
                end(secure, mapping, "seed " + seed);
            } else if (handed.size() > 16) {
                endOne(secure, handed, seed);
            }
        }
        return served;
    }

    private static void endOne(SecureRam secure, BlockingQueue<Handed> handed, long seed) {
        Handed other = handed.poll();
        if (other != null) {
            end(secure, other, "seed " + seed);
        }
    }

    /** Without {@link SecureRam#at}: its book of shared pages is not for several threads. */
    private static MemorySegment deviceSide(SecureRam secure, Handed mapping) {
        long dva = mapping.context().deviceAddress(mapping.token());
        return secure.ram().at(dva - FakePageSharing.ALIAS, mapping.length());
    }

    private static void end(SecureRam secure, Handed mapping, String story) {
        MemorySegment expected =
                MemorySegment.ofArray(new byte[mapping.length()]).fill(mapping.mark());
        assertTrue(deviceSide(secure, mapping).mismatch(expected) == -1, story);
        mapping.context()
                .unmap(
                        mapping.token(),
                        mapping.length(),
                        mapping.direction(),
                        mapping.direction().deviceWrites() ? mapping.length() : 0);
        if (mapping.direction() == DmaDirection.FROM_DEVICE) {
            assertTrue(secure.ram().at(mapping.pa(), mapping.length()).mismatch(expected) == -1, story);
        }
        mapping.places().set(mapping.place(), 0);
    }
}
