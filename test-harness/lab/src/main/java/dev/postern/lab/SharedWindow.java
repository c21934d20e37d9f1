package dev.postern.lab;

import dev.postern.machine.RamRegion;
import dev.postern.memory.PhysRange;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;

/** The RAM that another process maps, page by page. */
public final class SharedWindow {

    private static final long PAGE = 4096;

    private SharedWindow() {}

    /**
     * The pages that devices may reach now, those beside each other in one range.
     *
     * @param shareable RAM, ascending
     * @param shared whether devices may reach the page at an address
     */
    public static List<PhysRange> pages(List<RamRegion> shareable, LongPredicate shared) {
        List<PhysRange> ranges = new ArrayList<>();
        for (RamRegion region : shareable) {
            long from = -1;
            for (long pa = region.basePa(); pa <= region.endPa(); pa += PAGE) {
                boolean open = pa < region.endPa() && shared.test(pa);
                if (open && from < 0) {
                    from = pa;
                } else if (!open && from >= 0) {
                    ranges.add(PhysRange.between(from, pa));
                    from = -1;
                }
            }
        }
        return ranges;
    }
}
