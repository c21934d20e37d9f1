package dev.postern.dma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.memory.OutOfFramesException;
import dev.postern.xen.GrantTable;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;

/** A grant table and the back-end behind it, which fails the test when it is given an address that it may not use. */
public final class FakeGrantTable implements GrantTable {

    private static final int FIRST = 8;

    private record Entry(long pa, Access access) {}

    private final TestRam ram;
    private final Entry[] entries;
    private final Set<Integer> held = new HashSet<>();
    private final Set<Integer> stuck = new HashSet<>();
    private int inUse;
    private int grants;

    /** As many entries as the smallest table has. */
    public FakeGrantTable(TestRam ram) {
        this(ram, 512);
    }

    /** A table with so many entries, of which the first eight are never used, as with Xen. */
    public FakeGrantTable(TestRam ram, int entries) {
        this.ram = ram;
        this.entries = new Entry[entries];
    }

    @Override
    public int grant(long pa, Access access) {
        return grantRun(pa, 1, access);
    }

    @Override
    public synchronized int grantRun(long pa, int pages, Access access) {
        assertEquals(0, pa % PAGE_BYTES, "0x%x is no page".formatted(pa));
        assertTrue(pages >= 1, pages + " pages");
        int free = 0;
        for (int i = FIRST; i < entries.length; i++) {
            free = entries[i] == null ? free + 1 : 0;
            if (free == pages) {
                int first = i - pages + 1;
                for (int page = 0; page < pages; page++) {
                    entries[first + page] = new Entry(pa + (long) page * PAGE_BYTES, access);
                }
                inUse += pages;
                grants++;
                return first;
            }
        }
        throw new OutOfFramesException("%d of %d grant entries are in use: give the domain more grant frames"
                .formatted(inUse, entries.length - FIRST));
    }

    @Override
    public synchronized boolean end(int firstReference, int pages) {
        boolean all = true;
        for (int reference = firstReference; reference < firstReference + pages; reference++) {
            if (reference < 0
                    || reference >= entries.length
                    || entries[reference] == null
                    || stuck.contains(reference)) {
                throw new IllegalArgumentException("%d is not granted, or was ended before".formatted(reference));
            }
            if (held.contains(reference)) {
                stuck.add(reference);
                all = false;
            } else {
                entries[reference] = null;
                inUse--;
            }
        }
        return all;
    }

    @Override
    public synchronized int inUse() {
        return inUse;
    }

    /** How many runs were granted so far. */
    public int grants() {
        return grants;
    }

    /** The back-end keeps the page at an address mapped, whatever becomes of its grant. */
    public void hold(long dva) {
        held.add(referenceOf(dva));
    }

    /** What the back-end may do with the page at an address, or null when it is not granted. */
    public Access accessAt(long dva) {
        Entry entry = entries[referenceOf(dva)];
        return entry == null ? null : entry.access();
    }

    /** The guest-physical address behind an address of the back-end. */
    public long paOf(long dva) {
        Entry entry = entries[referenceOf(dva)];
        assertNotNull(entry, "the back-end has no grant for 0x%x".formatted(dva));
        return entry.pa() + (dva & PAGE_BYTES - 1);
    }

    /** Whether a page of RAM is granted. */
    public boolean isGranted(long pa) {
        for (Entry entry : entries) {
            if (entry != null && entry.pa() == (pa & -PAGE_BYTES)) {
                return true;
            }
        }
        return false;
    }

    /** The back-end reads. */
    public byte[] read(long dva, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; ) {
            int here = (int) Math.min(length - i, PAGE_BYTES - (dva + i & PAGE_BYTES - 1));
            MemorySegment.ofArray(bytes).asSlice(i, here).copyFrom(ram.at(paOf(dva + i), here));
            i += here;
        }
        return bytes;
    }

    /** The back-end writes. */
    public void write(long dva, byte... bytes) {
        for (int i = 0; i < bytes.length; ) {
            int here = (int) Math.min(bytes.length - i, PAGE_BYTES - (dva + i & PAGE_BYTES - 1));
            long pa = paOf(dva + i);
            assertEquals(Access.READ_WRITE, accessAt(dva + i), "the back-end may not write 0x%x".formatted(dva + i));
            ram.at(pa, here).copyFrom(MemorySegment.ofArray(bytes).asSlice(i, here));
            i += here;
        }
    }

    private int referenceOf(long dva) {
        assertTrue(dva < 0, "0x%x is no address of a grant".formatted(dva));
        int reference = (int) ((dva & Long.MAX_VALUE) >>> 12);
        assertTrue(reference >= FIRST && reference < entries.length, "0x%x names no grant".formatted(dva));
        return reference;
    }
}
