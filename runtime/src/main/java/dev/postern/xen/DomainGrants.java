package dev.postern.xen;

import dev.postern.memory.NotRamException;
import dev.postern.memory.PhysicalMemory;
import java.util.concurrent.atomic.AtomicInteger;

/** What one other domain is granted, out of the table that all of them share. Safe for use by several threads. */
final class DomainGrants implements GrantTable {

    /** An entry of version 1 has so many bits for a frame number. */
    private static final int FRAME_BITS = 32;

    private final SharedGrantTable table;
    private final PhysicalMemory memory;
    private final FrameNumbers numbers;
    private final int domain;
    private final AtomicInteger inUse = new AtomicInteger();

    DomainGrants(SharedGrantTable table, PhysicalMemory memory, FrameNumbers numbers, int domain) {
        this.table = table;
        this.memory = memory;
        this.numbers = numbers;
        this.domain = domain;
    }

    @Override
    public int grant(long pa, Access access) {
        return grantRun(pa, 1, access);
    }

    @Override
    public int grantRun(long pa, int pages, Access access) {
        check(pa, pages);
        int first = table.take(pages, domain);
        for (int i = 0; i < pages; i++) {
            table.publish(first + i, domain, (int) frame(pa, i), access);
        }
        inUse.addAndGet(pages);
        return first;
    }

    @Override
    public boolean end(int firstReference, int pages) {
        table.claim(firstReference, pages, domain);
        int ended = 0;
        for (int i = 0; i < pages; i++) {
            if (table.withdraw(firstReference + i)) {
                ended++;
            }
        }
        inUse.addAndGet(-ended);
        return ended == pages;
    }

    @Override
    public int inUse() {
        return inUse.get();
    }

    /** Before any entry is taken, so that nothing is granted when one page of a run cannot be. */
    private void check(long pa, int pages) {
        if (pages < 1 || pa % PAGE_BYTES != 0) {
            throw new IllegalArgumentException("cannot grant %d pages from 0x%x: give at least 1, from a multiple of %d"
                    .formatted(pages, pa, PAGE_BYTES));
        }
        if (!memory.contains(pa, (long) pages * PAGE_BYTES)) {
            throw new NotRamException("cannot grant %d pages from 0x%x: they are not inside one RAM region; RAM is %s"
                    .formatted(pages, pa, memory));
        }
        for (int i = 0; i < pages; i++) {
            long frame = frame(pa, i);
            if (frame >>> FRAME_BITS != 0) {
                throw new XenException(
                        "page 0x%x lies in frame 0x%x, and a grant has %d bits for it: give the domain memory below 16 TiB"
                                .formatted(pa + (long) i * PAGE_BYTES, frame, FRAME_BITS));
            }
        }
    }

    private long frame(long pa, int page) {
        return numbers.frameOf(pa + (long) page * PAGE_BYTES);
    }
}
