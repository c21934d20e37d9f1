package dev.postern.platform;

import dev.postern.memory.PhysRange;
import dev.postern.memory.PhysicalMemory;

/** A platform on which devices reach all of RAM: sharing is nothing. It lets a pool be used where none is needed. */
public final class AllShared extends GuestPageSharing {

    private static final long PAGE = 4096;

    /** All of this memory is open to devices. */
    public AllShared(PhysicalMemory memory) {
        super(
                PAGE,
                memory.regions().stream()
                        .map(region -> new PhysRange(region.basePa(), region.size()))
                        .toList());
    }

    @Override
    public String mechanism() {
        return "none: devices reach all of RAM";
    }

    @Override
    public void share(PhysRange pages) {
        // Devices reach them already.
    }

    @Override
    public void unshare(PhysRange pages) {
        // Devices reach them still.
    }
}
