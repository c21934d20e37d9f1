package dev.postern.cli.leak;

import dev.postern.machine.RamRegion;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.OutOfFramesException;
import dev.postern.memory.PhysRange;
import dev.postern.memory.Placement;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Canaries all over private memory. Frames that are free are filled with them and stay free; some are held for the whole run, since
 * an allocator zeroes what it hands out.
 *
 * <p>The next owner of a frame overwrites its canaries; a device that gets to see more than was meant for it sees those beside.
 */
public final class CanaryField {

    private static final long FRAME = FrameAllocator.FRAME_BYTES;

    /** Of more memory than this every second, third … frame is filled: touching all of it would make the host provide it. */
    private static final long MOST_FRAMES = 65_536;

    /** Frames between two that are held: room enough for any buffer in between. */
    private static final long HELD_STRIDE = 1024;

    private final FrameAllocator frames;
    /** A frame full of each canary. */
    private final List<MemorySegment> patterns;

    private final List<PhysRange> held = new ArrayList<>();
    private long planted;

    private CanaryField(FrameAllocator frames, List<Canary> canaries) {
        this.frames = frames;
        patterns = canaries.stream().map(CanaryField::pattern).toList();
    }

    private static MemorySegment pattern(Canary canary) {
        byte[] bytes = new byte[(int) FRAME];
        for (int at = 0; at < FRAME; at += Canary.BYTES) {
            System.arraycopy(canary.bytes(), 0, bytes, at, Canary.BYTES);
        }
        return MemorySegment.ofArray(bytes);
    }

    /**
     * Fills the free frames.
     *
     * @param frames of private memory
     * @param canaries which take turns from frame to frame
     * @return the field, to be given back with {@link #release()}
     */
    public static CanaryField plant(FrameAllocator frames, List<Canary> canaries) {
        CanaryField field = new CanaryField(frames, canaries);
        long all = frames.memory().size() / FRAME;
        long step = (all + MOST_FRAMES - 1) / MOST_FRAMES;
        for (RamRegion region : frames.memory().regions()) {
            for (long pa = region.basePa(); pa + FRAME <= region.endPa(); pa += step * FRAME) {
                field.fill(pa);
            }
        }
        return field;
    }

    /** Fills the frame, if it is free. */
    private void fill(long pa) {
        PhysRange frame;
        try {
            frame = frames.allocate(FRAME, new FrameRequest(FRAME, pa, pa + FRAME - 1, Placement.LOW));
        } catch (OutOfFramesException e) {
            // Somebody has it: it is not free, or no private memory.
            return;
        }
        frames.memory().slice(pa, FRAME).copyFrom(patterns.get((int) (planted % patterns.size())));
        planted++;
        if (planted % HELD_STRIDE == HELD_STRIDE / 2) {
            held.add(frame);
        } else {
            frames.free(frame);
        }
    }

    /** How many frames were filled. */
    public long plantedFrames() {
        return planted;
    }

    /** How many of them nobody else can get. */
    public int heldFrames() {
        return held.size();
    }

    /** Gives the held frames back. */
    public void release() {
        held.forEach(frames::free);
        held.clear();
    }
}
