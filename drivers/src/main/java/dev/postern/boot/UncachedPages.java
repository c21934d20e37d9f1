package dev.postern.boot;

import dev.postern.memory.DevicePages;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import dev.postern.memory.PhysicalMemory;
import dev.postern.platform.CacheMaintenance;

/** Pages that the CPU reaches past its caches, so that it sees what devices store there, snooped or not. */
final class UncachedPages implements DevicePages {

    private final DevicePages pages;
    private final CacheMaintenance caches;

    UncachedPages(DevicePages pages, CacheMaintenance caches) {
        this.pages = pages;
        this.caches = caches;
    }

    @Override
    public PhysRange allocate(long bytes, FrameRequest request) {
        PhysRange run = pages.allocate(bytes, request);
        caches.makeUncached(run);
        return run;
    }

    @Override
    public void free(PhysRange run) {
        caches.makeCached(run);
        pages.free(run);
    }

    @Override
    public long deviceAddress(long pa) {
        return pages.deviceAddress(pa);
    }

    @Override
    public PhysicalMemory memory() {
        return pages.memory();
    }
}
