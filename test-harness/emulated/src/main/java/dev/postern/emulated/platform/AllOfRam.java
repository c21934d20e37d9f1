package dev.postern.emulated.platform;

import dev.postern.emulated.SharedPages;
import dev.postern.emulated.board.GuestMemory;
import dev.postern.emulated.dma.DeviceReadable;
import dev.postern.machine.RamRegion;
import java.util.List;

/** What devices can read on a plain machine. */
final class AllOfRam implements DeviceReadable {

    private static final long PAGE = 4096;

    private final GuestMemory memory;

    AllOfRam(GuestMemory memory) {
        this.memory = memory;
    }

    @Override
    public SharedPages sharedPages() {
        List<SharedPages.Range> ranges = memory.regions().stream()
                .map(region -> new SharedPages.Range(region.basePa(), region.size()))
                .toList();
        return new SharedPages(
                ranges.stream().mapToLong(SharedPages.Range::length).sum() / PAGE, PAGE, ranges);
    }

    @Override
    public List<RamRegion> regions() {
        return memory.regions();
    }
}
