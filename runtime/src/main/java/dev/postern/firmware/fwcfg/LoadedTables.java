package dev.postern.firmware.fwcfg;

import dev.postern.memory.PhysRange;
import java.util.List;

/**
 * Firmware tables that were put into RAM.
 *
 * @param rsdpPa guest-physical address of the ACPI root pointer
 * @param ranges the frames that hold them; whoever loaded the tables may free them when nobody reads the tables any more
 */
public record LoadedTables(long rsdpPa, List<PhysRange> ranges) {

    /** Keeps its own copy of the list. */
    public LoadedTables {
        ranges = List.copyOf(ranges);
    }
}
