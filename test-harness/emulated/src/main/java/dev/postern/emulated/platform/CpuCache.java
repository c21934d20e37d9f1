package dev.postern.emulated.platform;

import dev.postern.emulated.board.GuestMemory;
import dev.postern.machine.PrivilegedActs.Caching;
import dev.postern.machine.RamRegion;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The CPU's cache as a second content of each page. The segments of RAM show what the CPU sees; memory itself (DRAM) is another content,
 * which devices that are not snooped see. Of all that a real cache may do by itself it does the least helpful, so that what works here
 * works anywhere:
 * <ul>
 *   <li>It holds all of RAM and evicts nothing: memory gets what the CPU stores with a clean alone, and the CPU sees what a device stores
 *       with an invalidate alone. Both act on whole lines of 64 bytes.
 *   <li>A line is dirty when it differs from memory. A clean writes a line back whether it is dirty or not: who cleans after the device
 *       stored has lost what it stored.
 *   <li>Memory that nothing was written back to holds noise or zeros, page by page, by the seed.
 *   <li>A page that is mapped uncached has one content, that of memory. Lines of it that were dirty then stay behind in the cache: that
 *       is noted as an error of the guest, "dirty-alias", and they are written back, over whatever is there, when the devices next
 *       rest. A clean before that writes them back, an invalidate discards them, and if the page is mapped cached again before that the CPU
 *       sees them again.
 *   <li>A page that is mapped cached again has the content of memory on both sides.
 * </ul>
 */
final class CpuCache implements Caches, AutoCloseable {

    private static final int PAGE = 4096;
    private static final int LINE = 64;

    private final GuestMemory memory;
    private final long seed;
    private final PlatformErrors errors;
    private final SidePages sidePages = new SidePages(PAGE);

    /** Memory behind cached pages, by page number; made when first looked at. */
    private final Map<Long, MemorySegment> behind = new HashMap<>();

    private final Set<Long> uncached = new HashSet<>();

    /** Dirty lines that stayed in the cache when their page was mapped uncached; ordered, so that a run repeats. */
    private final TreeMap<Long, Left> left = new TreeMap<>();

    /** Lines of one page, as a set of 64 bits, and a page that holds their content. */
    private record Left(long lines, MemorySegment content) {}

    CpuCache(GuestMemory memory, long seed, PlatformErrors errors) {
        this.memory = memory;
        this.seed = Noise.mix(seed);
        this.errors = errors;
    }

    private MemorySegment seen(long page) {
        RamRegion region = memory.regionOf(page * PAGE, PAGE);
        return region.segment().asSlice(page * PAGE - region.basePa(), PAGE);
    }

    /** Whether the CPU sees memory itself in a page. */
    boolean isUncached(long page) {
        return uncached.contains(page);
    }

    /** Memory itself behind a page of RAM, in place. */
    MemorySegment dram(long page) {
        return uncached.contains(page) ? seen(page) : behind.computeIfAbsent(page, this::powerOn);
    }

    private MemorySegment powerOn(long page) {
        MemorySegment fresh = sidePages.take();
        long noise = Noise.mix(seed + page);
        if ((noise & 1) == 0) {
            return fresh.fill((byte) 0);
        }
        Noise.fill(fresh, noise);
        return fresh;
    }

    @Override
    public void clean(long pa, long length) {
        for (long line = pa / LINE; line <= (pa + length - 1) / LINE; line++) {
            long page = line * LINE / PAGE;
            if (!uncached.contains(page)) {
                copyLine(line, seen(page), dram(page));
            } else if (wasLeft(line)) {
                copyLine(line, left.get(page).content(), seen(page));
                forgetLine(line);
            }
        }
    }

    @Override
    public void invalidate(long pa, long length) {
        for (long line = pa / LINE; line <= (pa + length - 1) / LINE; line++) {
            long page = line * LINE / PAGE;
            if (!uncached.contains(page)) {
                copyLine(line, dram(page), seen(page));
            } else if (wasLeft(line)) {
                forgetLine(line);
            }
        }
    }

    private static void copyLine(long line, MemorySegment from, MemorySegment to) {
        long offset = line * LINE % PAGE;
        MemorySegment.copy(from, offset, to, offset, LINE);
    }

    private static long bit(long line) {
        return 1L << line % (PAGE / LINE);
    }

    private boolean wasLeft(long line) {
        Left lines = left.get(line * LINE / PAGE);
        return lines != null && (lines.lines() & bit(line)) != 0;
    }

    private void forgetLine(long line) {
        long page = line * LINE / PAGE;
        Left lines = left.get(page);
        if (lines.lines() == bit(line)) {
            sidePages.give(left.remove(page).content());
        } else {
            left.put(page, new Left(lines.lines() & ~bit(line), lines.content()));
        }
    }

    @Override
    public void map(long basePa, long length, Caching caching) {
        for (long page = basePa / PAGE; page < (basePa + length) / PAGE; page++) {
            switch (caching) {
                case UNCACHED -> mapUncached(page);
                case WRITE_BACK -> mapCached(page);
            }
        }
    }

    private void mapUncached(long page) {
        if (uncached.contains(page)) {
            return;
        }
        MemorySegment cache = seen(page);
        MemorySegment dram = dram(page);
        long dirty = differing(cache, dram);
        if (dirty != 0) {
            errors.note(
                    "dirty-alias",
                    "page 0x%x is mapped uncached with %d dirty lines in the cache, which come back later: clean or invalidate them first"
                            .formatted(page * PAGE, Long.bitCount(dirty)));
            left.put(page, new Left(dirty, sidePages.take().copyFrom(cache)));
        }
        cache.copyFrom(dram);
        sidePages.give(behind.remove(page));
        uncached.add(page);
    }

    private static long differing(MemorySegment cache, MemorySegment dram) {
        long lines = 0;
        for (int line = 0; line < PAGE / LINE; line++) {
            if (cache.asSlice((long) line * LINE, LINE).mismatch(dram.asSlice((long) line * LINE, LINE)) >= 0) {
                lines |= bit(line);
            }
        }
        return lines;
    }

    private void mapCached(long page) {
        if (!uncached.remove(page)) {
            return;
        }
        MemorySegment cache = seen(page);
        behind.put(page, sidePages.take().copyFrom(cache));
        putBack(page, left.remove(page), cache);
    }

    /** Devices rest: the cache writes back what stayed behind in it. */
    void settle() {
        while (!left.isEmpty()) {
            Map.Entry<Long, Left> first = left.pollFirstEntry();
            putBack(first.getKey(), first.getValue(), seen(first.getKey()));
        }
    }

    private void putBack(long page, Left lines, MemorySegment to) {
        if (lines == null) {
            return;
        }
        long first = page * (PAGE / LINE);
        for (long line = first; line < first + PAGE / LINE; line++) {
            if ((lines.lines() & bit(line)) != 0) {
                copyLine(line, lines.content(), to);
            }
        }
        sidePages.give(lines.content());
    }

    @Override
    public void close() {
        sidePages.close();
    }
}
