package dev.postern.topology;

import dev.postern.facts.Fact;
import dev.postern.firmware.devicetree.AddressRange;
import dev.postern.firmware.devicetree.DeviceTreeException;
import dev.postern.firmware.devicetree.DeviceTreeNode;
import dev.postern.firmware.devicetree.DeviceTreeProperty;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * How RAM looks from a bus: {@code dma-ranges} of it and of the buses above (Devicetree Specification 0.4, 2.3.9).
 *
 * <p>By the specification a bus without the property lets no DMA through. Real trees leave it out where addresses stay the same, and so
 * does this follow Linux (drivers/of/address.c, of_dma_get_range and of_translate_dma_address): the search for the first property that
 * is not empty goes up from the bus, past empty ones and past a missing one on that bus itself; one missing further up ends it, and
 * then addresses stay the same. Above the property that was found, a missing or an empty one changes nothing.
 *
 * <p>It differs from Linux where Linux could be wrong: a range of which the buses above map a part is cut to that part, not taken as a
 * whole by its first address; entries that show one bus address at two places are refused, and so is a property that leads nowhere.
 */
final class DmaRanges {

    /** More than any bus has; it bounds the work for a wrong tree. */
    static final int MOST_RANGES = 1024;

    private static final String NAME = "dma-ranges";
    /** An entry has three cells for each address and two for the size at most. */
    private static final int MOST_ENTRY_BYTES = 8 * Integer.BYTES;

    private static final int CELLS_WITH_SPACE = 3;
    private static final int SPACE_SHIFT = 24;
    private static final int SPACE_MASK = 3;
    private static final int MEMORY_32 = 2;
    private static final int MEMORY_64 = 3;

    private static final Comparator<DmaRange> BY_BUS =
            (one, other) -> Long.compareUnsigned(one.busAddress(), other.busAddress());
    private static final Comparator<DmaRange> BY_PA = (one, other) -> Long.compareUnsigned(one.pa(), other.pa());

    private final DmaParents parents;

    DmaRanges(DmaParents parents) {
        this.parents = parents;
    }

    /**
     * The ranges that a device on a bus sees, ascending by physical address; empty when its addresses are those of RAM.
     *
     * @throws DeviceTreeException when a property cannot be understood, or none of the ranges leads to
     *     RAM
     */
    Optional<Fact<List<DmaRange>>> of(DeviceTreeNode bus) {
        List<DeviceTreeNode> way = parents.upFrom(bus);
        int found = 0;
        while (found < way.size() && isMissingOrEmpty(way.get(found))) {
            if (found > 0 && !way.get(found).has(NAME)) {
                return Optional.empty();
            }
            found++;
        }
        if (found == way.size()) {
            return Optional.empty();
        }
        DeviceTreeProperty property = way.get(found).property(NAME).orElseThrow();
        List<DmaRange> ranges = entries(way.get(found), property);
        StringBuilder source = new StringBuilder("device tree, dma-ranges of " + way.get(found));
        // The root is no bus of its own: what is above its children is RAM.
        for (DeviceTreeNode above : way.subList(found + 1, way.size())) {
            if (parents.parent(above).isPresent() && !isMissingOrEmpty(above)) {
                ranges = through(above, ranges);
                source.append(", ").append(above);
            }
        }
        if (ranges.isEmpty()) {
            throw property.malformed("leads to nothing that the buses above map: correct it or theirs");
        }
        return Optional.of(
                Fact.of(ranges.stream().sorted(BY_PA.thenComparing(BY_BUS)).toList(), source.toString()));
    }

    private static boolean isMissingOrEmpty(DeviceTreeNode node) {
        return node.property(NAME).filter(found -> found.length() > 0).isEmpty();
    }

    /** Ascending by bus address, each bus address once. */
    private List<DmaRange> entries(DeviceTreeNode bus, DeviceTreeProperty property) {
        DeviceTreeNode parent = parents.parent(bus)
                .orElseThrow(() -> property.malformed("is that of the root, above which there is no bus"));
        if (property.length() > MOST_RANGES * MOST_ENTRY_BYTES) {
            throw tooMany(property);
        }
        if (bus.addressCells() == 0 || parent.addressCells() == 0) {
            throw property.malformed(
                    "has no addresses on the side of %s".formatted(bus.addressCells() == 0 ? bus : parent));
        }
        List<DmaRange> ranges = new ArrayList<>();
        for (AddressRange entry : AddressRange.ranges(NAME, bus, parent)) {
            requireMemory(bus, property, entry);
            DmaRange range = new DmaRange(entry.parentAddress(), entry.length(), entry.childAddress());
            if (range.size() == 0 || wraps(range.pa(), range.size()) || wraps(range.busAddress(), range.size())) {
                throw property.malformed("has 0x%x at 0x%x, length 0x%x, which is no range"
                        .formatted(range.busAddress(), range.pa(), range.size()));
            }
            ranges.add(range);
        }
        return merged(property, ranges);
    }

    private static void requireMemory(DeviceTreeNode bus, DeviceTreeProperty property, AddressRange entry) {
        if (!PciHosts.isPci(bus)) {
            return;
        }
        long space = entry.space() >>> SPACE_SHIFT & SPACE_MASK;
        if (bus.addressCells() != CELLS_WITH_SPACE || space != MEMORY_32 && space != MEMORY_64) {
            throw property.malformed(
                    "has an entry that is not of PCI's memory space (first cell 0x%x)".formatted(entry.space()));
        }
    }

    /** Ranges that go on where another ends, or repeat it, become one; those that contradict each other are refused. */
    private static List<DmaRange> merged(DeviceTreeProperty property, List<DmaRange> ranges) {
        List<DmaRange> result = new ArrayList<>();
        for (DmaRange range : ranges.stream().sorted(BY_BUS).toList()) {
            DmaRange before = result.isEmpty() ? null : result.getLast();
            boolean overlaps = before != null && Long.compareUnsigned(range.busAddress(), lastBus(before)) <= 0;
            boolean alike = before != null && offset(before) == offset(range);
            if (overlaps && !alike) {
                throw property.malformed("shows two places at 0x%x".formatted(range.busAddress()));
            }
            boolean touches = overlaps || before != null && alike && range.busAddress() == lastBus(before) + 1;
            DmaRange joined = touches ? join(before, range) : range;
            // All 64 bits of addresses have no size that can be said: the last part stays a range of its own.
            if (touches && joined.size() != 0) {
                result.set(result.size() - 1, joined);
            } else {
                result.add(range);
            }
        }
        if (result.size() > MOST_RANGES) {
            throw tooMany(property);
        }
        return result;
    }

    private static DmaRange join(DmaRange before, DmaRange range) {
        long last = Long.compareUnsigned(lastBus(before), lastBus(range)) > 0 ? lastBus(before) : lastBus(range);
        return new DmaRange(before.pa(), last - before.busAddress() + 1, before.busAddress());
    }

    /** The parts of the ranges that a bus above shows, at the places where it shows them. */
    private List<DmaRange> through(DeviceTreeNode above, List<DmaRange> ranges) {
        DeviceTreeProperty property = above.property(NAME).orElseThrow();
        if (above.addressCells() == CELLS_WITH_SPACE) {
            throw property.malformed(
                    "has spaces beside addresses, and that of a bus below cannot be told: two cells can be read there");
        }
        List<DmaRange> shown = entries(above, property);
        List<DmaRange> result = new ArrayList<>();
        for (DmaRange range : ranges) {
            for (DmaRange part : shown) {
                long first = max(range.pa(), part.busAddress());
                long last = min(range.pa() + range.size() - 1, lastBus(part));
                if (Long.compareUnsigned(first, last) <= 0) {
                    result.add(new DmaRange(
                            first - offset(part), last - first + 1, range.busAddress() + (first - range.pa())));
                }
                if (result.size() > MOST_RANGES) {
                    throw tooMany(property);
                }
            }
        }
        return merged(property, result);
    }

    private static long offset(DmaRange range) {
        return range.busAddress() - range.pa();
    }

    private static long lastBus(DmaRange range) {
        return range.busAddress() + range.size() - 1;
    }

    private static boolean wraps(long first, long size) {
        return Long.compareUnsigned(first, first + size - 1) > 0;
    }

    private static long max(long one, long other) {
        return Long.compareUnsigned(one, other) > 0 ? one : other;
    }

    private static long min(long one, long other) {
        return Long.compareUnsigned(one, other) < 0 ? one : other;
    }

    private static DeviceTreeException tooMany(DeviceTreeProperty property) {
        return property.malformed("has more than %d ranges".formatted(MOST_RANGES));
    }
}
