package dev.postern.dma;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.memory.PhysRange;
import dev.postern.platform.CacheMaintenance;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Caches that nobody snoops: each page has the bytes that the CPU sees, which are those of the RAM, and others beneath, which the device
 * sees. Beneath, a page begins with rubbish that somebody left there. A line is dirty when the CPU changed it since both were the same.
 */
public final class FakeCaches implements CacheMaintenance {

    /** What lies beneath at first. */
    public static final byte RUBBISH = (byte) 0xdd;

    private static final int PAGE = 4096;

    private record Beneath(byte[] device, byte[] same) {}

    private final TestRam ram;
    private final int line;
    private final Map<Long, Beneath> pages = new HashMap<>();
    private final Set<Long> uncached = new HashSet<>();

    /** Caches with lines of so many bytes. */
    public FakeCaches(TestRam ram, int lineBytes) {
        this.ram = ram;
        line = lineBytes;
    }

    @Override
    public int lineBytes() {
        return line;
    }

    @Override
    public void clean(long pa, long length) {
        forLines(pa, length, this::writeBack);
    }

    @Override
    public void invalidate(long pa, long length) {
        forLines(pa, length, this::refetch);
    }

    @Override
    public void makeUncached(PhysRange range) {
        for (long page = range.basePa(); page < range.endPa(); page += PAGE) {
            settle(page);
            assertTrue(uncached.add(page), "made uncached twice");
        }
    }

    @Override
    public void makeCached(PhysRange range) {
        for (long page = range.basePa(); page < range.endPa(); page += PAGE) {
            assertTrue(uncached.remove(page), "made cached, but it was");
            byte[] bytes = ram.get(page, PAGE);
            pages.put(page, new Beneath(bytes, bytes.clone()));
        }
    }

    /** How many pages are uncached. */
    public int uncachedPages() {
        return uncached.size();
    }

    /** What any cache may do at any time: some dirty lines are written back, some others fetched again. */
    public void stir(SplittableRandom random) {
        for (long page : Set.copyOf(pages.keySet())) {
            for (long pa = page; pa < page + PAGE; pa += line) {
                if (random.nextInt(4) == 0) {
                    stirLine(pa);
                }
            }
        }
    }

    /** The same for every line that is known. */
    public void stirAll() {
        for (long page : Set.copyOf(pages.keySet())) {
            settle(page);
        }
    }

    /** The device reads. */
    public byte[] read(long pa, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            long at = pa + i;
            bytes[i] = uncached.contains(at & -PAGE)
                    ? ram.get(at, 1)[0]
                    : beneath(at).device()[(int) (at % PAGE)];
        }
        return bytes;
    }

    /** The device writes. */
    public void write(long pa, byte... bytes) {
        for (int i = 0; i < bytes.length; i++) {
            long at = pa + i;
            if (uncached.contains(at & -PAGE)) {
                ram.put(at, bytes[i]);
            } else {
                beneath(at).device()[(int) (at % PAGE)] = bytes[i];
            }
        }
    }

    private void settle(long page) {
        for (long pa = page; pa < page + PAGE; pa += line) {
            stirLine(pa);
        }
    }

    private void stirLine(long pa) {
        if (!writeBack(pa)) {
            refetch(pa);
        }
    }

    /** Writes a line back if it is dirty; answers whether it was. */
    private boolean writeBack(long pa) {
        Beneath beneath = beneath(pa);
        int at = (int) (pa % PAGE);
        byte[] seen = ram.get(pa, line);
        if (uncached.contains(pa & -PAGE) || Arrays.equals(seen, 0, line, beneath.same(), at, at + line)) {
            return false;
        }
        System.arraycopy(seen, 0, beneath.device(), at, line);
        System.arraycopy(seen, 0, beneath.same(), at, line);
        return true;
    }

    private void refetch(long pa) {
        if (!uncached.contains(pa & -PAGE)) {
            Beneath beneath = beneath(pa);
            int at = (int) (pa % PAGE);
            ram.at(pa, line).copyFrom(MemorySegment.ofArray(beneath.device()).asSlice(at, line));
            System.arraycopy(beneath.device(), at, beneath.same(), at, line);
        }
    }

    private Beneath beneath(long pa) {
        return pages.computeIfAbsent(pa & -PAGE, _ -> {
            byte[] rubbish = new byte[PAGE];
            Arrays.fill(rubbish, RUBBISH);
            return new Beneath(rubbish, rubbish.clone());
        });
    }

    private interface LineAct {
        void on(long pa);
    }

    private void forLines(long pa, long length, LineAct act) {
        assertFalse(length < 0, "a negative length");
        for (long at = pa & -line; at < pa + length; at += line) {
            act.on(at);
        }
    }
}
