package dev.postern.dma;

import dev.postern.machine.RamRegion;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import dev.postern.memory.PhysicalMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** RAM on both sides of 4 GiB, with a hole between, and short ways to its bytes. */
public final class TestRam {

    /** First address of the low region. */
    public static final long LOW = 0x4000_0000L;

    /** First address of the high region. */
    public static final long HIGH = 0x1_0000_0000L;

    /** Size of each region. */
    public static final long SIZE = 8 << 20;

    private final FrameAllocator frames;

    /** New RAM, all zero. */
    public TestRam() {
        frames = new FrameAllocator(new PhysicalMemory(List.of(region(LOW), region(HIGH))), List.of());
    }

    private static RamRegion region(long basePa) {
        return new RamRegion(basePa, Arena.ofAuto().allocate(SIZE, 4096));
    }

    /** The allocator. */
    public FrameAllocator frames() {
        return frames;
    }

    /** Frames for a driver's buffers; returns the address of the first byte. */
    public long buffer(long bytes) {
        return frames.allocate(bytes, FrameRequest.ANY).basePa();
    }

    /** Gives frames back. */
    public void free(long pa, long bytes) {
        frames.free(new PhysRange(pa, bytes));
    }

    /** The bytes at an address. */
    public MemorySegment at(long pa, long length) {
        return frames.memory().slice(pa, length);
    }

    /** A copy of the bytes at an address. */
    public byte[] get(long pa, int length) {
        return at(pa, length).toArray(ValueLayout.JAVA_BYTE);
    }

    /** Writes bytes at an address. */
    public void put(long pa, byte... bytes) {
        at(pa, bytes.length).copyFrom(MemorySegment.ofArray(bytes));
    }
}
