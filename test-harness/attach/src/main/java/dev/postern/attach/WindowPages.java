package dev.postern.attach;

import dev.postern.machine.RamRegion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/** The pages of the window, which can change their state, as opposed to those of private RAM, which cannot. */
final class WindowPages {

    static final long PAGE = 4096;

    private static final ValueLayout.OfLong LITTLE_LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment window;
    private final long basePa;
    private final List<RamRegion> shareable;
    private final Optional<RamRegion> privateRam;
    private long scrambles;

    WindowPages(GuestMemory memory) {
        window = memory.file().segment();
        basePa = memory.map().basePa();
        shareable = memory.shareable();
        privateRam = memory.privateRam();
    }

    /** Whether the range is RAM of the window, in one piece. */
    boolean contains(long pa, long length) {
        return shareable.stream().anyMatch(region -> region.contains(pa, length));
    }

    /** Whether the page is private RAM. */
    boolean isPrivateRam(long pa) {
        return privateRam.isPresent() && privateRam.get().contains(pa, PAGE);
    }

    /** Whether any byte of the range is private RAM. */
    boolean touchesPrivateRam(long pa, long length) {
        return privateRam.isPresent()
                && pa < privateRam.get().endPa()
                && pa + length > privateRam.get().basePa();
    }

    /** The address of its first page. */
    long basePa() {
        return basePa;
    }

    /** The address after its last page. */
    long endPa() {
        return basePa + window.byteSize();
    }

    /** How many pages are numbered: all of the window and what is a hole in it. */
    int count() {
        return (int) (window.byteSize() / PAGE);
    }

    /** The number of an address's page, from 0 on; of an address in the window. */
    int index(long pa) {
        return (int) ((pa - basePa) / PAGE);
    }

    /**
     * Overwrites a page that was converted, so that what it held is lost and what it holds is like nothing the guest
     * wrote: the ciphertext of one side, or the other side's page. Another run with the same acts sees the same bytes.
     */
    void scramble(long pagePa) {
        long state = pagePa ^ ++scrambles << 40;
        for (long at = pagePa; at < pagePa + PAGE; at += Long.BYTES) {
            // SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
            state += 0x9e3779b97f4a7c15L;
            long mixed = (state ^ state >>> 30) * 0xbf58476d1ce4e5b9L;
            mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
            window.set(LITTLE_LONG, at - basePa, mixed ^ mixed >>> 31);
        }
    }

    /** Refuses what is not whole pages, as the pin's own contract says. */
    static void checkPages(long basePa, long length) {
        if (basePa < 0 || length <= 0 || ((basePa | length) & PAGE - 1) != 0 || basePa + length < 0) {
            throw new IllegalArgumentException(
                    "pages from 0x%x, length 0x%x: give whole pages of 4096 bytes".formatted(basePa, length));
        }
    }
}
