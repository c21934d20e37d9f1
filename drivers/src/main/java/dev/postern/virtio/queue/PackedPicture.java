package dev.postern.virtio.queue;

import static dev.postern.virtio.queue.Descriptor.*;
import static dev.postern.virtio.queue.PackedLayout.*;

import java.lang.foreign.MemorySegment;

/**
 * A packed ring as it lies in memory, beside where the driver stands.
 *
 * @param next where the driver writes next, in the round of {@code nextWrap}
 * @param look where it looks for what was used next, in the round of {@code lookWrap}
 * @param hidden entries before {@code next} that the device was not shown
 */
record PackedPicture(
        int size,
        MemorySegment ring,
        MemorySegment driverEvents,
        MemorySegment deviceEvents,
        int next,
        boolean nextWrap,
        int look,
        boolean lookWrap,
        int hidden) {

    void draw(RingPicture picture, QueueFault fault) {
        picture.own(
                "driver",
                "writes at %s, %d entries before it not shown yet; looks at %s"
                        .formatted(place(next, nextWrap), hidden, place(look, lookWrap)));
        picture.said("wishes", "notifications: " + wish((int) U32.get(deviceEvents, 0L)));
        picture.said("wishes", "signals: " + wish((int) U32.get(driverEvents, 0L)));
        int span = (next - look + size) % size;
        // Both at one place: all entries lie between them, or none.
        int entries = span == 0 && nextWrap != lookWrap ? size : span;
        picture.said("entry", entries, i -> entry(look + i, i == 0 ? fault : null), "entries");
        if (fault != null && entries == 0) {
            picture.said("entry", entry(look, fault));
        }
    }

    private String entry(int running, QueueFault fault) {
        int slot = running < size ? running : running - size;
        long at = (long) slot * BYTES;
        int flags = (short) U16.get(ring, at + PackedLayout.FLAGS) & 0xffff;
        boolean available = (flags & AVAIL) != 0;
        boolean used = (flags & USED & 0xffff) != 0;
        String state = (available == used ? "used, wrap " : "available, wrap ") + (available ? 1 : 0);
        return fault != null
                ? "%5d  %s, id %d, length %s  <== %s".formatted(slot, state, id(at), length(at), fault.what())
                : "%5d  %-17s  id %5d  0x%016x  %10s bytes%s%s%s"
                        .formatted(
                                slot,
                                state,
                                id(at),
                                (long) U64.get(ring, at + ADDR),
                                length(at),
                                (flags & WRITE) != 0 ? ", writable" : "",
                                (flags & INDIRECT) != 0 ? ", a table" : "",
                                (flags & NEXT) != 0 ? ", next" : "");
    }

    private int id(long at) {
        return (short) U16.get(ring, at + ID) & 0xffff;
    }

    private String length(long at) {
        return Integer.toUnsignedString((int) U32.get(ring, at + LEN));
    }

    private static String place(int slot, boolean wrap) {
        return "%d wrap %d".formatted(slot, wrap ? 1 : 0);
    }

    private static String wish(int events) {
        return switch (events >>> 16 & EVENT_FLAGS_MASK) {
            case 0 -> "all";
            case EVENTS_DISABLED -> "none";
            case EVENTS_AT_DESCRIPTOR -> "at " + place(events & EVENT_OFFSET, (events & EVENT_WRAP) != 0);
            default -> "the reserved value";
        };
    }
}
