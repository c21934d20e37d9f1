package dev.postern.dma.backend;

import dev.postern.memory.PhysRange;

/** The interconnect snoops what the device does, so that there is nothing to do. */
enum Snooped implements Coherency {
    /** The only one. */
    DEVICE;

    @Override
    public int lineBytes() {
        return 1;
    }

    @Override
    public void toDevice(long pa, long length) {}

    @Override
    public void toCpu(long pa, long length) {}

    @Override
    public void beginSharedUse(PhysRange pages) {}

    @Override
    public void endSharedUse(PhysRange pages) {}
}
