package dev.postern.dma.backend;

import dev.postern.memory.PhysRange;
import dev.postern.platform.CacheMaintenance;

/**
 * The device goes past the caches of the CPU: they are cleaned before it reads, and before it writes too, because a dirty line that
 * leaves the cache later would overwrite what it wrote; they are invalidated before the CPU reads.
 *
 * @param caches the CPU's
 */
record NotSnooped(CacheMaintenance caches) implements Coherency {

    @Override
    public int lineBytes() {
        return caches.lineBytes();
    }

    @Override
    public void toDevice(long pa, long length) {
        caches.clean(pa, length);
    }

    @Override
    public void toCpu(long pa, long length) {
        caches.invalidate(pa, length);
    }

    @Override
    public void beginSharedUse(PhysRange pages) {
        caches.makeUncached(pages);
    }

    @Override
    public void endSharedUse(PhysRange pages) {
        caches.makeCached(pages);
    }
}
