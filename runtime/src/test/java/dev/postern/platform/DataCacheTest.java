package dev.postern.platform;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.postern.machine.PrivilegedActs;
import dev.postern.memory.PhysRange;
import java.util.List;
import org.junit.jupiter.api.Test;

class DataCacheTest {

    private static final PhysRange PAGES = new PhysRange(0x3000, 0x2000);

    private final FakeActs acts = new FakeActs()
            .on(PrivilegedActs.Instruction.CACHE_CLEAN, operands -> new long[0])
            .on(PrivilegedActs.Instruction.CACHE_INVALIDATE, operands -> new long[0]);
    private final DataCache cache = new DataCache(acts);

    /** One byte of memory and a cache in front of it, with the CPU's way to it. */
    private static final class OneByte implements PrivilegedActs {

        private int memory = 1;
        private int cached;
        private boolean inCache;
        private boolean uncached;

        void cpuStores(int value) {
            if (uncached) {
                memory = value;
            } else {
                cached = value;
                inCache = true;
            }
        }

        int cpuLoads() {
            if (uncached) {
                return memory;
            }
            fetchAhead();
            return cached;
        }

        /** What a CPU may do at any time, even for a page that it is told to reach past the cache. */
        void fetchAhead() {
            if (!inCache) {
                cached = memory;
                inCache = true;
            }
        }

        void evict() {
            if (inCache) {
                memory = cached;
                inCache = false;
            }
        }

        @Override
        public long[] execute(Instruction instruction, long... operands) {
            assertArrayEquals(new long[] {PAGES.basePa(), PAGES.length()}, operands);
            if (instruction == Instruction.CACHE_CLEAN && inCache) {
                memory = cached;
            } else if (instruction == Instruction.CACHE_INVALIDATE) {
                inCache = false;
            }
            return new long[0];
        }

        @Override
        public void mapPages(long basePa, long length, long addressBits) {
            throw new AssertionError("nothing is mapped elsewhere");
        }

        @Override
        public void mapCaching(long basePa, long length, Caching caching) {
            uncached = caching == Caching.UNCACHED;
        }
    }

    @Test
    void maintenancePassesTheRangeAsItIs() {
        cache.clean(0x1234, 100);
        cache.invalidate(0x1300, 1);
        assertEquals(List.of("CACHE_CLEAN 1234 64", "CACHE_INVALIDATE 1300 1"), acts.takeLog());
        assertEquals(64, cache.lineBytes());
    }

    @Test
    void anEmptyRangeTakesNoAct() {
        cache.clean(0x1234, 0);
        cache.invalidate(0x1234, 0);
        assertEquals(List.of(), acts.takeLog());
    }

    @Test
    void theCacheIsEmptiedBeforeThePagesChange() {
        cache.makeUncached(PAGES);
        assertEquals(
                List.of("CACHE_CLEAN 3000 2000", "CACHE_INVALIDATE 3000 2000", "caching 3000 2000 UNCACHED"),
                acts.takeLog());
        cache.makeCached(PAGES);
        assertEquals(List.of("CACHE_INVALIDATE 3000 2000", "caching 3000 2000 WRITE_BACK"), acts.takeLog());
    }

    @Test
    void contentIsKeptBothWays() {
        OneByte model = new OneByte();
        DataCache real = new DataCache(model);
        model.cpuStores(7);
        real.makeUncached(PAGES);
        assertEquals(7, model.cpuLoads());
        model.fetchAhead();
        model.cpuStores(8);
        real.makeCached(PAGES);
        assertEquals(8, model.cpuLoads());
    }

    @Test
    void noLineIsLeftThatWouldLaterGoOverWhatADeviceStored() {
        OneByte model = new OneByte();
        model.cpuStores(7);
        new DataCache(model).makeUncached(PAGES);
        model.memory = 9;
        model.evict();
        assertEquals(9, model.cpuLoads());
    }

    @Test
    void rangesThatCannotBeAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> cache.clean(-1, 1));
        assertThrows(IllegalArgumentException.class, () -> cache.invalidate(1, -1));
        assertThrows(IllegalArgumentException.class, () -> cache.clean(Long.MAX_VALUE, 2));
        for (PhysRange odd : List.of(new PhysRange(0x3001, 0x1000), new PhysRange(0x3000, 0x1001))) {
            assertThrows(IllegalArgumentException.class, () -> cache.makeUncached(odd));
            assertThrows(IllegalArgumentException.class, () -> cache.makeCached(odd));
        }
        assertEquals(List.of(), acts.takeLog());
    }
}
