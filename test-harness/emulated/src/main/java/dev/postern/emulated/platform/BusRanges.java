package dev.postern.emulated.platform;

import dev.postern.emulated.SharedPages;
import dev.postern.emulated.SharedPages.Range;
import dev.postern.emulated.board.GuestMemory;
import dev.postern.emulated.dma.DeviceReadable;
import dev.postern.emulated.dma.DmaIntent;
import dev.postern.emulated.dma.DmaPath;
import dev.postern.emulated.dma.DmaView;
import dev.postern.emulated.dma.PhysicalRam;
import dev.postern.emulated.dma.Requester;
import dev.postern.emulated.firmware.BusRange;
import dev.postern.machine.RamRegion;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What devices see through a bus with {@code dma-ranges}: two parts of RAM, each at an offset of its own, and a part between them that
 * the bus does not carry. A device that did not accept ACCESS_PLATFORM is past all that: without the feature it always uses the addresses
 * that the CPU uses, and any description of the platform is overridden (content.tex, the description of bit 33; content:957).
 *
 * <p>No address on the bus is that of a byte of RAM, so the two cannot be mistaken for each other; a message for an interrupt may
 * therefore go to either.
 */
final class BusRanges implements DmaView, DeviceReadable {

    private static final long PAGE = 4096;

    /** Below the windows for registers, which begin at 0xB0000000, and above all low RAM. */
    private static final long LOW_BUS = 0x8000_0000L;

    private static final long LOW_BUS_BYTES = 0x3000_0000L;

    /** Above all RAM and all windows. */
    private static final long HIGH_BUS = 1L << 44;

    private final DmaView physical;
    private final DeviceReadable all;
    private final List<BusRange> ranges;
    private final PlatformErrors errors;

    BusRanges(GuestMemory memory, List<BusRange> ranges, PlatformErrors errors) {
        this.physical = new PhysicalRam(memory);
        this.all = new AllOfRam(memory);
        this.ranges = ranges;
        this.errors = errors;
    }

    /**
     * The ranges of a machine, ascending by guest-physical address: three quarters of the low RAM, at most 768 MiB, and all of the high
     * RAM; without high RAM the first half and the last quarter.
     */
    static List<BusRange> of(List<RamRegion> ram) {
        long low = ram.getFirst().size();
        if (ram.size() > 1) {
            RamRegion high = ram.getLast();
            return List.of(
                    new BusRange(0, Math.min(wholePages(low / 4 * 3), LOW_BUS_BYTES), LOW_BUS),
                    new BusRange(high.basePa(), high.size(), HIGH_BUS));
        }
        long second = wholePages(low / 4 * 3);
        return List.of(
                new BusRange(0, Math.min(wholePages(low / 2), LOW_BUS_BYTES), LOW_BUS),
                new BusRange(second, low - second, HIGH_BUS));
    }

    private static long wholePages(long bytes) {
        return bytes / PAGE * PAGE;
    }

    private BusRange range(long dva) {
        for (BusRange range : ranges) {
            if (range.contains(dva)) {
                return range;
            }
        }
        return null;
    }

    private boolean pastTheRanges(Requester by, long dva, DmaIntent intent) {
        return by.path() == DmaPath.LIKE_CPU || intent == DmaIntent.MESSAGE && physical.pa(by, dva) != NOWHERE;
    }

    @Override
    public MemorySegment piece(Requester by, long dva, long length, DmaIntent intent) {
        if (pastTheRanges(by, dva, intent)) {
            return physical.piece(by, dva, length, intent);
        }
        BusRange range = range(dva);
        if (range == null) {
            errors.note(
                    "dma-ranges",
                    "%s: DMA %s at 0x%x, an address that the bus does not carry: give the device an address of dma-ranges"
                            .formatted(by, intent, dva));
            return null;
        }
        return physical.piece(by, range.toPa(dva), Math.min(length, range.bus() + range.size() - dva), intent);
    }

    @Override
    public long reach(Requester by, long dva, long length, DmaIntent intent) {
        return pastTheRanges(by, dva, intent) || range(dva) != null ? DmaView.super.reach(by, dva, length, intent) : 0;
    }

    @Override
    public long pa(Requester by, long dva) {
        if (by.path() == DmaPath.LIKE_CPU || physical.pa(by, dva) != NOWHERE) {
            return physical.pa(by, dva);
        }
        BusRange range = range(dva);
        return range == null ? NOWHERE : range.toPa(dva);
    }

    @Override
    public SharedPages sharedPages() {
        return all.sharedPages();
    }

    @Override
    public List<RamRegion> regions() {
        return all.regions();
    }

    @Override
    public List<Range> ranges(DmaPath path, DmaIntent intent) {
        if (path == DmaPath.LIKE_CPU) {
            return all.ranges(path, intent);
        }
        List<Range> carried = new ArrayList<>();
        ranges.forEach(range -> carried.add(new Range(range.pa(), range.size())));
        carried.sort(Comparator.comparingLong(Range::basePa));
        return carried;
    }
}
