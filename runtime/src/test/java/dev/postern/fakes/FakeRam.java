package dev.postern.fakes;

import dev.postern.machine.RamRegion;
import dev.postern.memory.PhysicalMemory;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.stream.IntStream;

/** RAM outside the heap, for it must be aligned for atomic access. */
public final class FakeRam {

    private FakeRam() {}

    /** One region, zeroed. */
    public static RamRegion region(long basePa, long bytes) {
        return new RamRegion(basePa, Arena.ofAuto().allocate(bytes, 4096));
    }

    /** Memory of regions given as base, size, base, size and so on. */
    public static PhysicalMemory memory(long... basesAndSizes) {
        List<RamRegion> regions = IntStream.range(0, basesAndSizes.length / 2)
                .mapToObj(i -> region(basesAndSizes[2 * i], basesAndSizes[2 * i + 1]))
                .toList();
        return new PhysicalMemory(regions);
    }
}
