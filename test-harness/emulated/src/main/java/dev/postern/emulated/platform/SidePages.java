package dev.postern.emulated.platform;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/** Pages that are not in the RAM that the CPU sees. Native memory, since devices read and write them in place. */
final class SidePages implements AutoCloseable {

    private final Arena arena = Arena.ofShared();
    private final ArrayDeque<MemorySegment> free = new ArrayDeque<>();
    private final long pageBytes;

    SidePages(long pageBytes) {
        this.pageBytes = pageBytes;
    }

    /** A page with any content. */
    MemorySegment take() {
        MemorySegment page = free.poll();
        return page == null ? arena.allocate(pageBytes, 8) : page;
    }

    /** Takes a page back; null is allowed. */
    void give(MemorySegment page) {
        if (page != null) {
            free.push(page);
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
