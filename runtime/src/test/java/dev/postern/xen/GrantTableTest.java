package dev.postern.xen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.fakes.FakeRam;
import dev.postern.memory.NotRamException;
import dev.postern.memory.OutOfFramesException;
import dev.postern.platform.UnknownPlatformException;
import dev.postern.xen.GrantTable.Access;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GrantTableTest {

    private static final long BASE = 0x8000_0000L;
    private static final long PAGE = 4096;
    private static final int ALL_ENTRIES = 1024 - 8;

    private final FakeXen xen = new FakeXen(FakeRam.region(BASE, 4 << 20));

    private GrantTable table() throws UnknownPlatformException {
        return xen.services().grantTable().orElseThrow();
    }

    @Test
    void anEntryNamesTheDomainTheFrameAndTheAccess() throws UnknownPlatformException {
        XenServices services = xen.services();
        int writable = services.forDomain(0x123).grant(BASE + PAGE, Access.READ_WRITE);
        int readable = services.forDomain(0).grant(BASE + 2 * PAGE, Access.READ_ONLY);
        assertEquals(1, xen.flags(writable));
        assertEquals(0x123, xen.domain(writable));
        assertEquals((BASE + PAGE) / PAGE, xen.frame(writable));
        assertEquals(5, xen.flags(readable));
        assertEquals(0, xen.domain(readable));
        assertEquals((BASE + 2 * PAGE) / PAGE, xen.frame(readable));
    }

    @Test
    void theEntriesOfTheToolsAreNeverTouched() throws UnknownPlatformException {
        GrantTable table = table();
        for (int reference = 0; reference < 8; reference++) {
            xen.setFlags(reference, 0x19);
        }
        Set<Integer> references = new HashSet<>();
        for (int i = 0; i < ALL_ENTRIES; i++) {
            references.add(table.grant(BASE, Access.READ_WRITE));
        }
        assertEquals(ALL_ENTRIES, references.size());
        assertEquals(8, references.stream().min(Integer::compare).orElseThrow());
        for (int reference = 0; reference < 8; reference++) {
            assertEquals(0x19, xen.flags(reference));
            int reserved = reference;
            assertThrows(IllegalArgumentException.class, () -> table.end(reserved, 1));
        }
    }

    @Test
    void theTableGrowsOnlyWhenNeededAndNotBeyondWhatXenAllows() throws UnknownPlatformException {
        GrantTable table = table();
        assertEquals(1, xen.placed.size());
        for (int i = 0; i < 504; i++) {
            table.grant(BASE, Access.READ_WRITE);
        }
        assertEquals(1, xen.placed.size());
        table.grant(BASE, Access.READ_WRITE);
        assertEquals(2, xen.placed.size());
        for (int i = 505; i < ALL_ENTRIES; i++) {
            table.grant(BASE, Access.READ_WRITE);
        }
        String message = assertThrows(OutOfFramesException.class, () -> table.grant(BASE, Access.READ_WRITE))
                .getMessage();
        assertTrue(message.contains("2 of 2 frames"), message);
        assertEquals(ALL_ENTRIES, table.inUse());
        assertTrue(table.end(600, 1));
        assertEquals(600, table.grant(BASE, Access.READ_WRITE));
    }

    @Test
    void aRunHasReferencesThatFollowEachOtherAndMayCrossTheTablesFrames() throws UnknownPlatformException {
        GrantTable table = table();
        int first = table.grantRun(BASE, 500, Access.READ_WRITE);
        int second = table.grantRun(BASE + 500 * PAGE, 100, Access.READ_ONLY);
        assertEquals(first + 500, second);
        for (int i = 0; i < 100; i++) {
            assertEquals(5, xen.flags(second + i));
            assertEquals(BASE / PAGE + 500 + i, xen.frame(second + i));
        }
        assertEquals(600, table.inUse());
        assertTrue(table.end(second, 100));
        assertEquals(500, table.inUse());
        for (int i = 0; i < 100; i++) {
            assertEquals(0, xen.flags(second + i));
        }
    }

    @Test
    void aRunThatDoesNotFitGrantsNothing() throws UnknownPlatformException {
        xen.mostFrames = 1;
        GrantTable table = table();
        int first = table.grantRun(BASE, 504, Access.READ_WRITE);
        assertTrue(table.end(first + 100, 50));
        assertTrue(table.end(first + 200, 60));
        assertThrows(OutOfFramesException.class, () -> table.grantRun(BASE, 61, Access.READ_WRITE));
        assertThrows(OutOfFramesException.class, () -> table.grantRun(BASE, 505, Access.READ_WRITE));
        assertEquals(504 - 110, table.inUse());
        assertEquals(0, xen.flags(first + 200));
        assertEquals(first + 200, table.grantRun(BASE, 60, Access.READ_WRITE));
        assertEquals(first + 100, table.grantRun(BASE, 50, Access.READ_WRITE));
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 16, 24})
    void aGrantThatIsMappedCannotBeEndedAndItsEntryIsNeverUsedAgain(int inUseBits) throws UnknownPlatformException {
        xen.mostFrames = 1;
        GrantTable table = table();
        int mapped = table.grant(BASE, Access.READ_WRITE);
        xen.setFlags(mapped, 1 | inUseBits);
        assertFalse(table.end(mapped, 1));
        assertEquals(1 | inUseBits, xen.flags(mapped));
        assertEquals(1, table.inUse());
        xen.setFlags(mapped, 1);
        assertThrows(IllegalArgumentException.class, () -> table.end(mapped, 1));
        for (int i = 0; i < 503; i++) {
            assertNotEquals(mapped, table.grant(BASE, Access.READ_WRITE));
        }
        assertThrows(OutOfFramesException.class, () -> table.grant(BASE, Access.READ_WRITE));
    }

    @Test
    void ofARunWithAMappedPageTheOthersAreEnded() throws UnknownPlatformException {
        GrantTable table = table();
        int first = table.grantRun(BASE, 4, Access.READ_WRITE);
        xen.setFlags(first + 2, 1 | 16);
        assertFalse(table.end(first, 4));
        assertEquals(1, table.inUse());
        assertEquals(0, xen.flags(first));
        assertEquals(0, xen.flags(first + 1));
        assertEquals(0, xen.flags(first + 3));
    }

    @Test
    void aReferenceIsEndedOnceAndByTheDomainItWasGrantedTo() throws UnknownPlatformException {
        XenServices services = xen.services();
        GrantTable one = services.forDomain(1);
        GrantTable two = services.forDomain(2);
        int reference = one.grant(BASE, Access.READ_WRITE);
        assertThrows(IllegalArgumentException.class, () -> two.end(reference, 1));
        assertEquals(1, xen.flags(reference));
        assertThrows(IllegalArgumentException.class, () -> one.end(reference, 2));
        assertThrows(IllegalArgumentException.class, () -> one.end(reference, 0));
        assertThrows(IllegalArgumentException.class, () -> one.end(-1, 1));
        assertThrows(IllegalArgumentException.class, () -> one.end(Integer.MAX_VALUE, Integer.MAX_VALUE));
        assertTrue(one.end(reference, 1));
        assertThrows(IllegalArgumentException.class, () -> one.end(reference, 1));
        assertEquals(0, one.inUse());
        assertEquals(0, two.inUse());
    }

    @Test
    void whatIsNoPageOfRamIsNotGranted() throws UnknownPlatformException {
        GrantTable table = table();
        assertThrows(IllegalArgumentException.class, () -> table.grant(BASE + 8, Access.READ_WRITE));
        assertThrows(IllegalArgumentException.class, () -> table.grantRun(BASE, 0, Access.READ_WRITE));
        assertThrows(NotRamException.class, () -> table.grant(BASE - PAGE, Access.READ_WRITE));
        assertThrows(NotRamException.class, () -> table.grantRun(BASE + (4 << 20) - PAGE, 2, Access.READ_WRITE));
        assertThrows(NotRamException.class, () -> table.grantRun(BASE, Integer.MAX_VALUE, Access.READ_WRITE));
        assertEquals(0, table.inUse());
    }

    @Test
    void aFrameThatAnEntryCannotNameIsNotGranted() throws UnknownPlatformException {
        FakeXen high = new FakeXen(FakeRam.region(1L << 44, 1 << 20));
        GrantTable table = high.services().grantTable().orElseThrow();
        String message = assertThrows(XenException.class, () -> table.grant(1L << 44, Access.READ_WRITE))
                .getMessage();
        assertTrue(message.contains("0x100000000") && message.contains("16 TiB"), message);
        assertEquals(0, table.inUse());
    }

    @Test
    void thePagesOfTheTableAreTakenFromTheAllocatorForGood() throws UnknownPlatformException {
        long before = xen.frames.freeBytes();
        GrantTable table = table();
        table.grantRun(BASE, 600, Access.READ_WRITE);
        assertEquals(before - 3 * PAGE, xen.frames.freeBytes());
        Set<Long> placed = new HashSet<>(xen.placed);
        while (xen.frames.freeBytes() > 0) {
            long page = xen.frames
                            .allocate(PAGE, dev.postern.memory.FrameRequest.ANY)
                            .basePa()
                    / PAGE;
            assertFalse(placed.contains(page));
        }
    }

    @Test
    void whenXenRefusesToGrowTheTableThereAreNoEntriesAndThePageIsFreeAgain() throws UnknownPlatformException {
        GrantTable table = table();
        table.grantRun(BASE, 504, Access.READ_WRITE);
        long before = xen.frames.freeBytes();
        xen.placeAnswer = -12;
        String message = assertThrows(OutOfFramesException.class, () -> table.grant(BASE, Access.READ_WRITE))
                .getMessage();
        assertTrue(message.contains("-12 (ENOMEM)") && message.contains("frame 1"), message);
        assertEquals(before, xen.frames.freeBytes());
        xen.placeAnswer = 0;
        assertEquals(512, table.grant(BASE, Access.READ_WRITE));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aLongRandomLifeAgreesWithAModel(long seed) throws UnknownPlatformException {
        Random random = new Random(seed);
        GrantTable table = table();
        BitSet model = new BitSet();
        Deque<int[]> runs = new ArrayDeque<>();
        int refused = 0;
        for (int round = 0; round < 20_000; round++) {
            String where = "seed %d, round %d".formatted(seed, round);
            if (random.nextInt(100) < 52) {
                int pages = random.nextInt(4) > 0 ? 1 : random.nextInt(1, 40);
                try {
                    int first = table.grantRun(BASE + random.nextInt(100) * PAGE, pages, Access.READ_WRITE);
                    assertTrue(first >= 8 && first + pages <= 1024, where);
                    assertEquals(0, model.get(first, first + pages).cardinality(), where);
                    model.set(first, first + pages);
                    runs.add(new int[] {first, pages});
                } catch (OutOfFramesException e) {
                    refused++;
                    assertTrue(longestFree(model) < pages, where);
                }
            } else if (!runs.isEmpty()) {
                int[] run = random.nextBoolean() ? runs.pollFirst() : runs.pollLast();
                assertTrue(table.end(run[0], run[1]), where);
                model.clear(run[0], run[0] + run[1]);
            }
            assertEquals(model.cardinality(), table.inUse(), where);
        }
        assertTrue(refused > 0, "seed %d never filled the table".formatted(seed));
    }

    private static int longestFree(BitSet model) {
        int longest = 0;
        for (int from = model.nextClearBit(8); from < 1024; from = model.nextClearBit(from)) {
            int to = model.nextSetBit(from);
            int end = to < 0 ? 1024 : to;
            longest = Math.max(longest, end - from);
            from = end;
        }
        return longest;
    }

    @Test
    void threadsNeverGetTheSameReference() throws Exception {
        GrantTable table = table();
        int threadCount = 4;
        CyclicBarrier start = new CyclicBarrier(threadCount);
        List<Future<Set<Integer>>> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(threadCount)) {
            for (int thread = 0; thread < threadCount; thread++) {
                long pa = BASE + thread * PAGE;
                results.add(threads.submit(() -> {
                    start.await();
                    Set<Integer> kept = new HashSet<>();
                    for (int i = 0; i < 2000; i++) {
                        int reference = table.grant(pa, Access.READ_WRITE);
                        assertEquals(pa / PAGE, xen.frame(reference));
                        if (i < 200) {
                            kept.add(reference);
                        } else {
                            assertTrue(table.end(reference, 1));
                        }
                    }
                    return kept;
                }));
            }
            Set<Integer> all = new HashSet<>();
            for (Future<Set<Integer>> result : results) {
                all.addAll(result.get(60, TimeUnit.SECONDS));
            }
            assertEquals(200 * threadCount, all.size());
            assertEquals(200 * threadCount, table.inUse());
        }
    }
}
