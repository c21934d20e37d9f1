package dev.postern.cli.run;

import dev.postern.boot.GuestMemory;
import dev.postern.dma.bounce.BouncePool;
import dev.postern.machine.RamRegion;
import dev.postern.memory.PhysRange;
import dev.postern.platform.SharedMemory;
import java.util.List;
import java.util.Optional;

/**
 * The guest's memory when it has been divided, without a way back to the machine.
 *
 * @param parts the regions of RAM, ascending
 * @param pool the bounce pool; empty where there is none
 */
public record MemoryLayout(List<Part> parts, Optional<Pool> pool) {

    /** Nothing is known yet. */
    static final MemoryLayout UNKNOWN = new MemoryLayout(List.of(), Optional.empty());

    /** Who reaches a region. */
    public enum Reach {
        /** Every device, all of it. */
        OPEN("RAM", "open"),
        /** No device, ever. */
        PRIVATE("RAM, private", "private"),
        /** Devices, the pages that the guest shares. */
        SHAREABLE("RAM, private until shared", "shareable");

        private final String words;
        private final String key;

        Reach(String words, String key) {
            this.words = words;
            this.key = key;
        }

        /** What the log says. */
        public String words() {
            return words;
        }

        /** What the document says. */
        public String key() {
            return key;
        }
    }

    /**
     * A region of RAM.
     *
     * @param range where it is
     * @param reach who reaches it
     */
    public record Part(PhysRange range, Reach reach) {}

    /**
     * The bounce pool.
     *
     * @param ranges what it has at first
     * @param bytes how large it is at first
     * @param mostBytes how far it may grow
     * @param firstDva the address by which devices reach its first byte
     */
    public record Pool(List<PhysRange> ranges, long bytes, long mostBytes, long firstDva) {

        /** Copies the list. */
        public Pool {
            ranges = List.copyOf(ranges);
        }
    }

    /** Copies the list. */
    public MemoryLayout {
        parts = List.copyOf(parts);
    }

    /** What there is to say of a guest's memory. */
    public static MemoryLayout of(GuestMemory memory) {
        List<PhysRange> shareable =
                memory.shared().map(shared -> shared.sharing().shareable()).orElse(List.of());
        return new MemoryLayout(
                memory.frames().memory().regions().stream()
                        .map(region -> part(region, memory.shared(), shareable))
                        .toList(),
                memory.pool().map(MemoryLayout::poolOf));
    }

    private static Part part(RamRegion region, Optional<SharedMemory> shared, List<PhysRange> shareable) {
        PhysRange range = new PhysRange(region.basePa(), region.size());
        if (shared.isEmpty()) {
            return new Part(range, Reach.OPEN);
        }
        return new Part(range, shareable.stream().anyMatch(range::overlaps) ? Reach.SHAREABLE : Reach.PRIVATE);
    }

    private static Pool poolOf(BouncePool pool) {
        List<PhysRange> ranges = pool.ranges();
        return new Pool(
                ranges,
                pool.options().initialBytes(),
                pool.options().mostBytes(),
                pool.sharedAlias(ranges.getFirst().basePa()));
    }
}
