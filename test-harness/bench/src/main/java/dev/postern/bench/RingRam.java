package dev.postern.bench;

import dev.postern.machine.RamRegion;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.PhysicalMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** RAM for rings, and for what a device side reads and writes of it. */
final class RingRam {

    /** Where it begins. */
    static final long PA = 0x4000_0000L;

    private static final long BYTES = 8 << 20;

    /** All of it. */
    static final MemorySegment BYTES_OF = Arena.ofAuto().allocate(BYTES, 1 << 20);

    private RingRam() {}

    /** Its frames, all of them free. */
    static FrameAllocator frames() {
        return new FrameAllocator(new PhysicalMemory(List.of(new RamRegion(PA, BYTES_OF))), List.of());
    }
}
