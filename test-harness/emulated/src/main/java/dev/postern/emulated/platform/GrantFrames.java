package dev.postern.emulated.platform;

import dev.postern.emulated.board.GuestMemory;
import dev.postern.machine.RamRegion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The frames of a guest's grant table and the entries in them, version 1: eight bytes with flags, domain and frame (Xen
 * public/grant_table.h, struct grant_entry_v1). The frames are Xen's; the guest may have each placed over one of its own pages, whose
 * memory goes back to Xen then. When a frame moves on, the page it leaves has no memory any more: it shows noise and nobody reaches it.
 */
final class GrantFrames implements AutoCloseable {

    /** How many frames a table can have: Xen's default, gnttab_max_frames. */
    static final int MOST = 64;

    private static final int PAGE = 4096;
    private static final int ENTRY = 8;
    private static final long NOT_PLACED = -1;

    /** Flags and domain, which Xen changes in one access, and the guest looks at in halves. */
    private static final VarHandle HEADER =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private static final ValueLayout.OfInt LE32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final GuestMemory memory;
    private final long seed;
    private final SidePages own = new SidePages(PAGE);
    private final MemorySegment[] frames = new MemorySegment[MOST];
    private final long[] places = new long[MOST];
    private final Map<Long, Integer> placedAt = new HashMap<>();
    private final Set<Long> withoutMemory = new HashSet<>();
    private int count;

    /** A table of one frame, which is nowhere in RAM, without a grant. */
    GrantFrames(GuestMemory memory, long seed) {
        this.memory = memory;
        this.seed = seed;
        Arrays.fill(places, NOT_PLACED);
        grow(1);
    }

    /** How many frames the table has now. */
    int count() {
        return count;
    }

    /** Makes it at least as large; at most {@link #MOST}. */
    void grow(int atLeast) {
        while (count < atLeast) {
            frames[count++] = own.take().fill((byte) 0);
        }
    }

    /** The guest-physical frame where a frame of the table was placed, or -1. */
    long place(int index) {
        return places[index];
    }

    /** Whether a guest-physical frame of RAM is still the guest's own memory. */
    boolean isOrdinary(long guestFrame) {
        return !placedAt.containsKey(guestFrame) && !withoutMemory.contains(guestFrame);
    }

    /** The memory of a guest-physical frame of RAM, in place. */
    MemorySegment page(long guestFrame) {
        RamRegion region = memory.regionOf(guestFrame * PAGE, PAGE);
        return region.segment().asSlice(guestFrame * PAGE - region.basePa(), PAGE);
    }

    /** Shows a frame of the table at a guest-physical frame of RAM, and nowhere else from now on. */
    void place(int index, long guestFrame) {
        long left = places[index];
        if (left == guestFrame) {
            return;
        }
        Integer hidden = placedAt.remove(guestFrame);
        if (hidden != null) {
            frames[hidden] = own.take().copyFrom(frames[hidden]);
            places[hidden] = NOT_PLACED;
        }
        MemorySegment page = page(guestFrame).copyFrom(frames[index]);
        if (left == NOT_PLACED) {
            own.give(frames[index]);
        } else {
            placedAt.remove(left);
            withoutMemory.add(left);
            Noise.fill(frames[index], Noise.mix(seed + left));
        }
        frames[index] = page;
        places[index] = guestFrame;
        placedAt.put(guestFrame, index);
        withoutMemory.remove(guestFrame);
    }

    // ---- entries

    /** How many entries there are. */
    int entries() {
        return count * (PAGE / ENTRY);
    }

    private MemorySegment entry(int reference) {
        return frames[reference / (PAGE / ENTRY)].asSlice((long) reference % (PAGE / ENTRY) * ENTRY, ENTRY);
    }

    /** Flags in the low half, domain in the high one. What the guest wrote before the flags is seen after them. */
    int header(int reference) {
        return (int) HEADER.getAcquire(entry(reference), 0L);
    }

    /** The number of the granted frame, 32 bits. */
    long number(int reference) {
        return entry(reference).get(LE32, 4) & 0xffff_ffffL;
    }

    /** Sets some flags of Xen's and clears others, and leaves what the guest has there. */
    void mark(int reference, int set, int cleared) {
        MemorySegment entry = entry(reference);
        int before;
        do {
            before = (int) HEADER.getVolatile(entry, 0L);
        } while (!HEADER.compareAndSet(entry, 0L, before, before & ~cleared | set));
    }

    @Override
    public void close() {
        own.close();
    }
}
