package dev.postern.dma;

import dev.postern.dma.bounce.BouncePool;
import dev.postern.dma.bounce.PoolOptions;
import dev.postern.memory.PhysRange;
import dev.postern.platform.SharedMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** RAM of which devices reach only what is shared, with short ways to the device's side of it. */
public final class SecureRam {

    private final TestRam ram;
    private final FakePageSharing sharing;
    private final SharedMemory shared;

    /** New RAM, nothing of it shared. */
    public SecureRam() {
        ram = new TestRam();
        sharing = new FakePageSharing(ram.frames().memory());
        shared = new SharedMemory(sharing, ram.frames());
    }

    /** The RAM. */
    public TestRam ram() {
        return ram;
    }

    /** The platform. */
    public FakePageSharing sharing() {
        return sharing;
    }

    /** What is shared. */
    public SharedMemory shared() {
        return shared;
    }

    /** A pool that does not grow and has one area. */
    public BouncePool pool(long bytes) {
        return BouncePool.over(shared, PoolOptions.fixed("test", bytes).withAreas(1));
    }

    /** A bounced context. */
    public DmaContext open(BouncePool pool, DmaConstraints constraints, BounceRules rules) {
        return DmaContexts.open(
                new DmaPlan.Bounced(new DmaPlan.Direct(0)), DmaMemory.secure(shared, pool), constraints, rules, "blk0");
    }

    /** A bounced context for a device without limits. */
    public DmaContext open(BouncePool pool) {
        return open(pool, DmaConstraints.NONE, BounceRules.CAUTIOUS);
    }

    /** The bytes that a device sees. */
    public MemorySegment at(long dva, long length) {
        long pa = dva - FakePageSharing.ALIAS;
        if (!sharing.isShared(new PhysRange(pa, length))) {
            throw new AssertionError("the device cannot reach 0x%x, %d bytes".formatted(dva, length));
        }
        return ram.at(pa, length);
    }

    /** The device reads. */
    public byte[] read(long dva, int length) {
        return at(dva, length).toArray(ValueLayout.JAVA_BYTE);
    }

    /** The device writes. */
    public void write(long dva, byte... bytes) {
        at(dva, bytes.length).copyFrom(MemorySegment.ofArray(bytes));
    }

    /** How many bytes of a pool have a value. */
    public long count(BouncePool pool, byte value) {
        long count = 0;
        for (PhysRange range : pool.ranges()) {
            for (byte b : ram.get(range.basePa(), (int) range.length())) {
                count += b == value ? 1 : 0;
            }
        }
        return count;
    }
}
