package dev.postern.virtio.fake;

import dev.postern.machine.RamRegion;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysicalMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** A region of RAM above 4 GiB, and short ways to its bytes. */
public final class TestRam {

    /** First address. */
    public static final long BASE = 0x1_0000_0000L;

    private final FrameAllocator frames;

    /** New RAM of so many bytes, all zero. */
    public TestRam(long bytes) {
        RamRegion region = new RamRegion(BASE, Arena.ofAuto().allocate(bytes, 4096));
        frames = new FrameAllocator(new PhysicalMemory(List.of(region)), List.of());
    }

    /** The allocator. */
    public FrameAllocator frames() {
        return frames;
    }

    /** Frames for a buffer; returns the address of the first byte. */
    public long buffer(long bytes) {
        return frames.allocate(bytes, FrameRequest.ANY).basePa();
    }

    /** The bytes at an address. */
    public MemorySegment at(long pa, long length) {
        return frames.memory().slice(pa, length);
    }

    /** A copy of the bytes at an address. */
    public byte[] get(long pa, long length) {
        return at(pa, length).toArray(ValueLayout.JAVA_BYTE);
    }

    /** Writes bytes at an address. */
    public void put(long pa, byte[] bytes) {
        at(pa, bytes.length).copyFrom(MemorySegment.ofArray(bytes));
    }
}
