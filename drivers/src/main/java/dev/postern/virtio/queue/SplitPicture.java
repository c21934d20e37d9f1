package dev.postern.virtio.queue;

import static dev.postern.virtio.queue.Descriptor.*;
import static dev.postern.virtio.queue.SplitLayout.*;

import java.lang.foreign.MemorySegment;

/**
 * A split ring as it lies in memory, beside where the driver stands.
 *
 * @param slots entries of the outstanding chains, from the driver's own links
 * @param taken used chains that were given back, modulo 2^16
 */
record SplitPicture(
        int size,
        boolean eventIndices,
        MemorySegment descriptors,
        MemorySegment available,
        MemorySegment used,
        int[] slots,
        int committed,
        int published,
        int taken) {

    void draw(RingPicture picture, QueueFault fault) {
        int usedIndex = u16(used, RING_INDEX);
        picture.own("driver", "committed %d, shown %d, taken %d".formatted(committed, published, taken));
        boolean indexIsWrong = fault != null && fault.entry() < 0;
        picture.said(
                "device",
                "used index %d, flags %d%s"
                        .formatted(usedIndex, u16(used, RING_FLAGS), indexIsWrong ? pointer(fault) : ""));
        picture.said(
                "shown",
                "available index %d, flags %d".formatted(u16(available, RING_INDEX), u16(available, RING_FLAGS)));
        if (eventIndices) {
            picture.said("wishes", "a notification at available index %d".formatted(u16(used, availEvent(size))));
            picture.said("wishes", "a signal at used index %d".formatted(u16(available, usedEvent(size))));
        }
        picture.said("entry", slots.length, i -> descriptor(slots[i]), "entries");
        // A wrong index names entries that nobody wrote.
        int ahead = indexIsWrong ? 0 : usedIndex - taken & 0xffff;
        picture.said("used", ahead, i -> usedEntry(taken + i & 0xffff, i == 0 ? fault : null), "by its index");
    }

    private String descriptor(int slot) {
        long at = (long) slot * BYTES;
        int flags = u16(descriptors, at + FLAGS);
        return "%5d  0x%016x  %10s bytes%s%s%s"
                .formatted(
                        slot,
                        (long) U64.get(descriptors, at + ADDR),
                        Integer.toUnsignedString((int) U32.get(descriptors, at + LEN)),
                        (flags & WRITE) != 0 ? ", writable" : "",
                        (flags & INDIRECT) != 0 ? ", a table" : "",
                        (flags & NEXT) != 0 ? ", next " + u16(descriptors, at + NEXT_FIELD) : "");
    }

    private String usedEntry(int index, QueueFault fault) {
        long at = RING_ENTRIES + (long) (index & size - 1) * USED_ENTRY_BYTES;
        return "%5d  id %s, length %s%s"
                .formatted(
                        index,
                        Integer.toUnsignedString((int) U32.get(used, at + USED_ID)),
                        Integer.toUnsignedString((int) U32.get(used, at + USED_LEN)),
                        fault == null ? "" : pointer(fault));
    }

    private static String pointer(QueueFault fault) {
        return "  <== " + fault.what();
    }

    private static int u16(MemorySegment area, long at) {
        return (short) U16.get(area, at) & 0xffff;
    }
}
