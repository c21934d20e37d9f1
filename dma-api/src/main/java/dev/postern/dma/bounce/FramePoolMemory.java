package dev.postern.dma.bounce;

import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import dev.postern.memory.PhysicalMemory;

/** Ordinary RAM that devices reach without anybody's doing. */
final class FramePoolMemory implements PoolMemory {

    private final FrameAllocator frames;
    private final FrameRequest request;

    FramePoolMemory(FrameAllocator frames, FrameRequest request) {
        this.frames = frames;
        this.request = request;
    }

    @Override
    public PhysicalMemory ram() {
        return frames.memory();
    }

    @Override
    public long granuleBytes() {
        return FrameAllocator.FRAME_BYTES;
    }

    @Override
    public long mostBytes() {
        return frames.memory().size();
    }

    @Override
    public long sharedAlias(long pa) {
        return pa;
    }

    @Override
    public PhysRange take(long bytes, long alignment) {
        return frames.allocate(bytes, request.withAlignment(Math.max(alignment, request.alignment())));
    }

    @Override
    public void giveBack(PhysRange piece) {
        frames.free(piece);
    }
}
