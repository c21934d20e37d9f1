package dev.postern.dma.bounce;

import dev.postern.memory.FrameAllocator;
import dev.postern.memory.OutOfFramesException;
import dev.postern.memory.PhysRange;
import dev.postern.memory.PhysicalMemory;

/** One range that a device can reach already, and the only one that it can reach, as {@code restricted-dma-pool} describes it. */
final class RestrictedPoolMemory implements PoolMemory {

    private final PhysicalMemory ram;
    private final PhysRange range;
    private boolean taken;

    RestrictedPoolMemory(PhysicalMemory ram, PhysRange range) {
        this.ram = ram;
        this.range = range;
    }

    @Override
    public PhysicalMemory ram() {
        return ram;
    }

    @Override
    public long granuleBytes() {
        return FrameAllocator.FRAME_BYTES;
    }

    @Override
    public long mostBytes() {
        return range.length();
    }

    @Override
    public long sharedAlias(long pa) {
        return pa;
    }

    @Override
    public PhysRange take(long bytes, long alignment) {
        if (taken || bytes != range.length()) {
            throw new OutOfFramesException("the range %s is all there is".formatted(range));
        }
        taken = true;
        // Somebody else had it before, firmware for instance.
        ram.slice(range.basePa(), range.length()).fill((byte) 0);
        return range;
    }

    @Override
    public void giveBack(PhysRange piece) {
        taken = false;
    }
}
