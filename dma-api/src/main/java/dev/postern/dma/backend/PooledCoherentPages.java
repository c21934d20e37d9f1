package dev.postern.dma.backend;

import dev.postern.dma.bounce.BouncePool;
import dev.postern.memory.PhysRange;

/** Pages of the pool, for a device that reaches nothing else. */
final class PooledCoherentPages implements CoherentPages {

    private final BouncePool pool;
    private final String device;

    PooledCoherentPages(BouncePool pool, String device) {
        this.pool = pool;
        this.device = device;
    }

    @Override
    public PhysRange take(long bytes, long alignment) {
        return pool.lend(device, bytes, alignment);
    }

    @Override
    public void giveBack(PhysRange run) {
        pool.takeBack(run);
    }
}
