package dev.postern.cli.report;

import dev.postern.cli.run.MemoryLayout;
import dev.postern.cli.words.ByteSize;
import dev.postern.memory.PhysRange;
import java.util.ArrayList;
import java.util.List;

/** RAM as a table of addresses, with the holes between its regions. */
final class MemoryMap {

    private MemoryMap() {}

    /** One line for each region and each hole, ascending. */
    static List<String> lines(List<MemoryLayout.Part> parts) {
        List<String> lines = new ArrayList<>();
        int digits = Long.toHexString(parts.getLast().range().endPa() - 1).length();
        long end = 0;
        for (MemoryLayout.Part part : parts) {
            PhysRange region = part.range();
            if (region.basePa() > end) {
                lines.add(line(new PhysRange(end, region.basePa() - end), digits, "hole"));
            }
            lines.add(line(region, digits, part.reach().words()));
            end = region.endPa();
        }
        return lines;
    }

    private static String line(PhysRange range, int digits, String what) {
        String form = "0x%0" + digits + "x-0x%0" + digits + "x  %10s  %s";
        return form.formatted(range.basePa(), range.endPa() - 1, ByteSize.human(range.length()), what);
    }
}
