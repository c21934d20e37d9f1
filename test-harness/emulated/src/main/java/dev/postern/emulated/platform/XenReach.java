package dev.postern.emulated.platform;

import dev.postern.emulated.SharedPages;
import dev.postern.emulated.SharedPages.Range;
import dev.postern.emulated.board.GuestMemory;
import dev.postern.emulated.dma.DeviceReadable;
import dev.postern.emulated.dma.DmaIntent;
import dev.postern.emulated.dma.DmaPath;
import dev.postern.machine.RamRegion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * What devices under Xen could reach now: the pages that grants permit, for those that are given grants; for all others the guest's
 * memory, without the pages that it gave to Xen. Where there are grants, the pages that they let a back-end read count as shared.
 */
final class XenReach implements DeviceReadable {

    private static final long PAGE = 4096;

    private final GuestMemory memory;
    private final GrantFrames table;
    private final Optional<Grants> grants;

    XenReach(GuestMemory memory, GrantFrames table, Optional<Grants> grants) {
        this.memory = memory;
        this.table = table;
        this.grants = grants;
    }

    @Override
    public SharedPages sharedPages() {
        List<Range> ranges = ranges(DmaPath.BY_PLATFORM, DmaIntent.READ);
        return new SharedPages(ranges.stream().mapToLong(Range::length).sum() / PAGE, PAGE, ranges);
    }

    @Override
    public List<RamRegion> regions() {
        return sharedPages().ranges().stream().map(this::region).toList();
    }

    private RamRegion region(Range range) {
        RamRegion region = memory.regionOf(range.basePa(), range.length());
        return new RamRegion(
                range.basePa(), region.segment().asSlice(range.basePa() - region.basePa(), range.length()));
    }

    @Override
    public List<Range> ranges(DmaPath path, DmaIntent intent) {
        if (path == DmaPath.BY_PLATFORM && grants.isPresent()) {
            return joined(grants.get().frames(intent).stream()
                    .mapToLong(Long::longValue)
                    .sorted()
                    .distinct());
        }
        return joined(memory.regions().stream()
                .flatMapToLong(region -> LongStream.range(region.basePa() / PAGE, region.endPa() / PAGE))
                .filter(table::isOrdinary));
    }

    private static List<Range> joined(LongStream ascendingFrames) {
        List<Range> ranges = new ArrayList<>();
        ascendingFrames.map(frame -> frame * PAGE).forEach(pa -> {
            Range last = ranges.isEmpty() ? null : ranges.getLast();
            if (last != null && last.basePa() + last.length() == pa) {
                ranges.set(ranges.size() - 1, new Range(last.basePa(), last.length() + PAGE));
            } else {
                ranges.add(new Range(pa, PAGE));
            }
        });
        return ranges;
    }
}
