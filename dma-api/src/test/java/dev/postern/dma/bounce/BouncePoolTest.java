package dev.postern.dma.bounce;

import static dev.postern.dma.DmaDirection.FROM_DEVICE;
import static dev.postern.dma.DmaDirection.TO_DEVICE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaMappingException;
import dev.postern.dma.DmaMisuseException;
import dev.postern.dma.FakePageSharing;
import dev.postern.dma.PoolFullException;
import dev.postern.dma.SecureRam;
import dev.postern.dma.TestRam;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BouncePoolTest {

    private static final long SMALLEST = PoolOptions.SMALLEST_BYTES;

    private final SecureRam secure = new SecureRam();
    private final TestRam ram = secure.ram();
    private final long buffer = ram.buffer(2 << 20);

    @Test
    void sizesThatAreNotWholePagesOrOutOfRangeAreRefusedWithTheRange() {
        String range = "give a multiple of 4096, from 65536 to " + TestRam.SIZE;
        for (long bytes : new long[] {0, -4096, 4096, SMALLEST - 4096, SMALLEST + 1, 100_000, 1L << 40}) {
            refused(range, () -> secure.pool(bytes));
            refused(
                    range,
                    () -> BouncePool.over(secure.shared(), options(SMALLEST).growingTo(Math.max(bytes, SMALLEST + 1))));
        }
        refused("give at least 131072", () -> options(2 * SMALLEST).growingTo(SMALLEST));
        for (int areas : new int[] {0, -1, 3, 128}) {
            refused("give a power of two, 1 to 64", () -> options(SMALLEST).withAreas(areas));
        }
        refused("give whole pages of one RAM region", () -> restricted(new PhysRange(TestRam.LOW + 1, SMALLEST)));
        refused("give whole pages of one RAM region", () -> restricted(new PhysRange(0x1000, SMALLEST)));
        refused("give a multiple of 4096", () -> restricted(new PhysRange(TestRam.LOW, SMALLEST + 1)));
    }

    @Test
    void theLargestMappingIsAnEighthOfTheSizeAndAtMostAMebibyte() {
        assertEquals(8192, secure.pool(SMALLEST).largestMapping());
        assertEquals(8192, secure.pool(SMALLEST + 4096).largestMapping());
        assertEquals(16384, secure.pool(2 * SMALLEST).largestMapping());
        assertEquals(SizeClass.LARGEST, options(8 << 20).initialBytes() / 8);
    }

    @Test
    void thereIsAlwaysRoomForTheLargestMappingWhenNothingElseIsMapped() {
        for (long seed = 1; seed <= 20; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            try (BouncePool pool = secure.pool(SMALLEST + 4096 * random.nextInt(40));
                    DmaContext first = secure.open(pool);
                    DmaContext second = secure.open(pool)) {
                for (int turn = 0; turn < 20; turn++) {
                    DmaContext context = random.nextBoolean() ? first : second;
                    scramble(random, context);
                    int length = (int) pool.largestMapping();
                    long token = context.map(buffer, length, TO_DEVICE);
                    context.unmap(token, length, TO_DEVICE, 0);
                }
            }
        }
    }

    /** Maps until the pool is full, and unmaps everything in another order. */
    private void scramble(SplittableRandom random, DmaContext context) {
        List<long[]> live = new ArrayList<>();
        try {
            while (true) {
                int length = 1 + random.nextInt(1 << random.nextInt(14));
                live.add(new long[] {context.map(buffer, length, TO_DEVICE), length});
            }
        } catch (PoolFullException e) {
            while (!live.isEmpty()) {
                long[] each = live.remove(random.nextInt(live.size()));
                context.unmap(each[0], each[1], TO_DEVICE, 0);
            }
        }
    }

    @Test
    void theSmallestPoolServesSixtyFourRequestsInFlight() {
        BouncePool pool = secure.pool(SMALLEST);
        DmaContext context = secure.open(pool);
        List<long[]> inFlight = new ArrayList<>();
        int served = 0;
        int full = 0;
        // Header, page of data, status: as a disk has them. Whoever finds the pool full waits for the oldest one.
        for (int turn = 0; turn < 64 * 50; turn++) {
            if (inFlight.size() == 64) {
                finish(context, inFlight.removeFirst());
            }
            while (true) {
                try {
                    long header = context.map(buffer, 16, TO_DEVICE);
                    try {
                        long status = context.map(buffer + 16, 1, FROM_DEVICE);
                        try {
                            inFlight.add(new long[] {header, status, context.map(buffer + 4096, 512, FROM_DEVICE)});
                            served++;
                            break;
                        } catch (PoolFullException e) {
                            context.unmap(status, 1, FROM_DEVICE, 0);
                            throw e;
                        }
                    } catch (PoolFullException e) {
                        context.unmap(header, 16, TO_DEVICE, 0);
                        throw e;
                    }
                } catch (PoolFullException e) {
                    full++;
                    finish(context, inFlight.removeFirst());
                }
            }
        }
        assertEquals(64 * 50, served);
        assertEquals(0, full, "64 sectors with headers and status bytes take 40 KiB");
        assertEquals(64, inFlight.size());
    }

    private static void finish(DmaContext context, long[] tokens) {
        context.unmap(tokens[0], 16, TO_DEVICE, 0);
        context.unmap(tokens[1], 1, FROM_DEVICE, 1);
        context.unmap(tokens[2], 512, FROM_DEVICE, 512);
    }

    @Test
    void aFullPoolSaysSoAtOnceAndServesAgainAfterAnUnmap() {
        BouncePool pool = secure.pool(SMALLEST);
        DmaContext context = secure.open(pool);
        long[] tokens = new long[16];
        for (int i = 0; i < 16; i++) {
            tokens[i] = context.map(buffer, 4096, TO_DEVICE);
        }
        String message = assertThrows(PoolFullException.class, () -> context.map(buffer, 100, TO_DEVICE))
                .getMessage();
        assertEquals(
                "DMA: blk0: bounce pool test has no room for 100 bytes: 65536 of 65536 bytes are in use, high-water"
                        + " mark 65536; wait until mappings end, or raise the pool's size above 65536 bytes",
                message);
        assertEquals(1, pool.statistics().fullEvents());
        context.unmap(tokens[7], 4096, TO_DEVICE, 0);
        long tiny = context.map(buffer, 1, TO_DEVICE);
        assertThrows(PoolFullException.class, () -> context.map(buffer, 4096, TO_DEVICE));
        context.unmap(tiny, 1, TO_DEVICE, 0);
        context.map(buffer, 4096, TO_DEVICE);
    }

    @Test
    void theSlotGivenBackLastIsTakenFirst() {
        DmaContext context = secure.open(secure.pool(1 << 20));
        long[] tokens = new long[10];
        for (int i = 0; i < 10; i++) {
            tokens[i] = context.map(buffer, 3000, TO_DEVICE);
        }
        long dva = context.deviceAddress(tokens[3]);
        context.unmap(tokens[8], 3000, TO_DEVICE, 0);
        context.unmap(tokens[3], 3000, TO_DEVICE, 0);
        assertEquals(dva, context.deviceAddress(context.map(buffer, 4096, TO_DEVICE)));
    }

    @Test
    void aPoolThatIsLittleUsedStaysASmallWindow() {
        BouncePool pool = secure.pool(1 << 20);
        DmaContext context = secure.open(pool);
        for (int i = 0; i < 10_000; i++) {
            context.unmap(context.map(buffer, 1 + i % 4096, TO_DEVICE), 1 + i % 4096, TO_DEVICE, 0);
        }
        assertEquals(4 * 4096, pool.statistics().highWaterBytes(), "a page for each of four sizes");
    }

    /** Row 29: slots of every size in random order; no two live ones share a byte, no two devices a page. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void cve202435814NoPageHasTwoOwners(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        BouncePool pool = secure.pool(1 << 20);
        List<DmaContext> contexts = List.of(secure.open(pool), secure.open(pool), secure.open(pool));
        record Live(int owner, long token, long dva, int length) {}
        List<Live> live = new ArrayList<>();
        for (int turn = 0; turn < 4000; turn++) {
            if (!live.isEmpty() && random.nextInt(100) < 47) {
                Live each = live.remove(random.nextInt(live.size()));
                contexts.get(each.owner()).unmap(each.token(), each.length(), TO_DEVICE, 0);
                continue;
            }
            int owner = random.nextInt(3);
            int length = 1 + random.nextInt(1 << 1 + random.nextInt(17));
            try {
                long token = contexts.get(owner).map(buffer + random.nextInt(4096), length, TO_DEVICE);
                live.add(new Live(owner, token, contexts.get(owner).deviceAddress(token), length));
            } catch (PoolFullException e) {
                continue;
            }
            Live added = live.getLast();
            for (Live other : live) {
                boolean apart = added.dva() + length <= other.dva() || other.dva() + other.length() <= added.dva();
                assertTrue(other == added || apart, "seed " + seed + ", turn " + turn);
                boolean samePage = added.dva() + length - 1 >> 12 >= other.dva() >> 12
                        && other.dva() + other.length() - 1 >> 12 >= added.dva() >> 12;
                assertTrue(other.owner() == owner || !samePage, "seed " + seed + ", turn " + turn);
            }
        }
    }

    /** Row 30: a size that is no multiple of any group of slots is used to its end and no further. */
    @ParameterizedTest
    @ValueSource(ints = {16, 17, 19, 31, 33, 63, 100, 127})
    void cve202352790APoolOfAnySizeIsUsedToItsEndAndNotBeyond(int pages) {
        BouncePool pool = secure.pool(pages * 4096L);
        DmaContext context = secure.open(pool);
        long bytes = 0;
        Set<Long> seen = new HashSet<>();
        for (int length = (int) pool.largestMapping(); length >= 1; length /= 2) {
            try {
                while (true) {
                    long pa = context.deviceAddress(context.map(buffer, length, TO_DEVICE)) - FakePageSharing.ALIAS;
                    int size = length;
                    assertTrue(pool.ranges().stream().anyMatch(range -> range.contains(pa, size)));
                    assertTrue(seen.add(pa));
                    bytes += SizeClass.bytes(SizeClass.of(length));
                }
            } catch (PoolFullException e) {
                // Now the next smaller ones.
                assertTrue(e.getMessage().contains(" has no room for " + length + " bytes"), e.getMessage());
            }
        }
        assertEquals(pages * 4096L, bytes);
        assertEquals(pages * 4096L, pool.statistics().bytesInUse());
    }

    @Test
    void aPoolGrowsToItsLimitAndNoFurther() {
        BouncePool pool = BouncePool.over(secure.shared(), options(SMALLEST).growingTo(200 << 10));
        DmaContext context = secure.open(pool);
        List<Long> tokens = new ArrayList<>();
        assertThrows(PoolFullException.class, () -> {
            while (true) {
                tokens.add(context.map(buffer, 4096, TO_DEVICE));
            }
        });
        assertEquals(50, tokens.size());
        PoolStatistics statistics = pool.statistics();
        assertEquals(200 << 10, statistics.sizeBytes());
        assertEquals((200 << 10) - SMALLEST, statistics.grownBytes());
        assertEquals(200 << 10, statistics.highWaterBytes());
        assertEquals(8192, pool.largestMapping(), "what was published stays");
        tokens.forEach(token -> context.unmap(token, 4096, TO_DEVICE, 0));
        context.close();
        pool.close();
        assertEquals(0, secure.shared().sharedBytes());
    }

    @Test
    void growthTakesLessWhereThereIsLessAndThenSaysWhy() {
        long taken = TestRam.SIZE - (2 << 20) - 4096 * 100;
        ram.frames().allocate(taken, FrameRequest.ANY.within(new PhysRange(TestRam.HIGH, TestRam.SIZE)));
        BouncePool pool = BouncePool.over(secure.shared(), options(SMALLEST).growingTo(4 << 20));
        DmaContext context = secure.open(pool);
        String message = assertThrows(PoolFullException.class, () -> {
                    while (true) {
                        context.map(buffer, 4096, TO_DEVICE);
                    }
                })
                .getMessage();
        assertTrue(message.contains("; it could not grow: no room for 4096 bytes of frames"), message);
        assertEquals(1, message.lines().count());
        assertEquals(100 * 4096, pool.statistics().sizeBytes());
    }

    @Test
    void theStatisticsSayWhatHappened() {
        BouncePool pool = secure.pool(SMALLEST);
        DmaContext context = secure.open(pool);
        long in = context.map(buffer, 1000, TO_DEVICE);
        long out = context.map(buffer, 3000, FROM_DEVICE);
        assertEquals(new PoolStatistics(2, 1000, 2048 + 4096, 8192, 8192, SMALLEST, 0, 0, 0), pool.statistics());
        context.unmap(in, 1000, TO_DEVICE, 0);
        context.unmap(out, 3000, FROM_DEVICE, 20);
        assertEquals(new PoolStatistics(2, 1020, 0, 8192, 8192, SMALLEST, 0, 0, 0), pool.statistics());
        // They survive that all pages are cut anew.
        for (int i = 0; i < 8; i++) {
            context.map(buffer, 8192, TO_DEVICE);
        }
        assertEquals(
                new PoolStatistics(10, 1020 + SMALLEST, SMALLEST, SMALLEST, SMALLEST, SMALLEST, 0, 0, 0),
                pool.statistics());
        assertEquals("bounce pool test, 65536 bytes, 65536 in use", pool.toString());
    }

    @Test
    void aPoolThatIsUsedIsNotClosed() {
        BouncePool pool = secure.pool(SMALLEST);
        DmaContext context = secure.open(pool);
        assertThrows(DmaMisuseException.class, pool::close);
        context.close();
        pool.close();
        pool.close();
        assertThrows(DmaMisuseException.class, () -> secure.open(pool));
    }

    @Test
    void lentPagesAreZeroAndComeBackOnce() {
        BouncePool pool = secure.pool(1 << 20);
        DmaContext context = secure.open(pool);
        ram.at(buffer, 1 << 17).fill((byte) 0x55);
        long token = context.map(buffer, 1 << 17, TO_DEVICE);
        context.unmap(token, 1 << 17, TO_DEVICE, 0);
        for (int i = 0; i < 8; i++) {
            PhysRange range = pool.lend("net0", 1 << 16, 1 << 17);
            assertEquals(0, range.basePa() % (1 << 17));
            assertArrayEquals(new byte[1 << 16], ram.get(range.basePa(), 1 << 16));
        }
        assertThrows(PoolFullException.class, () -> pool.lend("net0", 4096, 1));
        assertThrows(DmaMappingException.class, () -> pool.lend("net0", (1 << 20) + 1, 1));
        assertThrows(IllegalArgumentException.class, () -> pool.takeBack(new PhysRange(TestRam.HIGH, 4096)));
    }

    /** Row 36: whichever change of a page the platform refuses, no page is lost but that one, and none is used by two. */
    @Test
    void cve202435939ARefusedChangeLosesOnePageAndNothingElse() {
        int last = runWithRefusal(new SecureRam(), 0);
        assertEquals(2 * (48 + 2), last, "the pool and a ring, there and back");
        for (int change = 1; change <= last; change++) {
            runWithRefusal(new SecureRam(), change);
        }
    }

    /** A pool is made, grows and ends, with rings beside it; returns how many changes there were. */
    private static int runWithRefusal(SecureRam secure, int refused) {
        FakePageSharing sharing = secure.sharing();
        sharing.refuse(refused);
        long free = secure.ram().frames().freeBytes();
        try (BouncePool pool =
                        BouncePool.over(secure.shared(), options(SMALLEST).growingTo(3 * SMALLEST));
                DmaContext context = secure.open(pool)) {
            try (var _ = context.allocateCoherent(8192, 4096)) {
                List<Long> tokens = new ArrayList<>();
                try {
                    while (true) {
                        tokens.add(context.map(TestRam.LOW, 8192, FROM_DEVICE));
                    }
                } catch (PoolFullException e) {
                    assertTrue(refused == 0 || tokens.size() >= 8, "change " + refused);
                    for (long token : tokens) {
                        secure.read(context.deviceAddress(token), 8192);
                        context.unmap(token, 8192, FROM_DEVICE, 8192);
                    }
                }
            }
        } catch (DmaMappingException e) {
            assertTrue(e.getMessage().contains("refused for a test"), e.getMessage());
        }
        assertEquals(refused == 0 ? 0 : 1, sharing.undecidedPages(), "change " + refused);
        assertEquals(4096L * sharing.undecidedPages(), secure.shared().lostBytes(), "change " + refused);
        assertEquals(0, secure.shared().sharedBytes(), "change " + refused);
        assertEquals(free - secure.shared().lostBytes(), secure.ram().frames().freeBytes(), "change " + refused);
        return sharing.changes();
    }

    private static PoolOptions options(long bytes) {
        return PoolOptions.fixed("test", bytes).withAreas(1);
    }

    private BouncePool restricted(PhysRange range) {
        return BouncePool.restricted("test", ram.frames().memory(), range);
    }

    private static void refused(String reason, Executable call) {
        String message = assertThrows(IllegalArgumentException.class, call).getMessage();
        assertTrue(message.startsWith("bounce pool test: ") && message.contains(reason), message);
        assertEquals(1, message.lines().count(), message);
    }
}
