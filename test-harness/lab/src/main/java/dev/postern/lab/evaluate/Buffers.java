package dev.postern.lab.evaluate;

import dev.postern.machine.RamRegion;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.OutOfFramesException;
import dev.postern.memory.PhysRange;
import dev.postern.memory.Placement;
import java.util.ArrayList;
import java.util.List;

/** Buffers in every region of the guest's own memory, where addresses are likely to go wrong. */
final class Buffers {

    private static final int FRAME = (int) FrameAllocator.FRAME_BYTES;

    /** More than a bounced mapping may have, so that the request is cut. */
    private static final int LONG_BYTES = 320 << 10;

    /** Not aligned to anything. */
    private static final int ODD_OFFSET = 1235;

    private final FrameAllocator frames;
    private final List<Buffer> all = new ArrayList<>();

    /** Takes them from an allocator; a region without room for one goes without it. */
    Buffers(FrameAllocator frames) {
        this.frames = frames;
        long apart = 0;
        for (RamRegion region : frames.memory().regions()) {
            long middle = region.basePa() + region.size() / 2 + apart;
            // So that no two buffers look alike to a device that drops the upper half of addresses.
            apart += 2 * LONG_BYTES;
            String where = "in the region at 0x%x".formatted(region.basePa());
            FrameRequest low = new FrameRequest(FRAME, region.basePa(), region.endPa() - 1, Placement.LOW);
            FrameRequest high = low.withPlacement(Placement.HIGH);
            add("at the end " + where, high, FRAME, 0, FRAME);
            add("across a page border " + where, high, 2 * FRAME, FRAME - 300, 1024);
            add("inside a page " + where, low, FRAME, ODD_OFFSET, 1024);
            add("of many pages " + where, low, LONG_BYTES + FRAME, ImageContent.SECTOR, LONG_BYTES);
            add(
                    "in the middle " + where,
                    new FrameRequest(FRAME, middle & -FRAME, region.endPa() - 1, Placement.LOW),
                    2 * FRAME,
                    0,
                    FRAME);
        }
    }

    private void add(String place, FrameRequest there, int runBytes, int offset, int bytes) {
        try {
            PhysRange run = frames.allocate(runBytes, there);
            all.add(new Buffer(place, run, offset, bytes));
        } catch (OutOfFramesException e) {
            // A region that is kept for sharing has no room for what is private.
            return;
        }
    }

    /** The buffers; at least one in any guest that has memory. */
    List<Buffer> all() {
        return List.copyOf(all);
    }
}
