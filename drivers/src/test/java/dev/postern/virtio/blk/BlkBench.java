package dev.postern.virtio.blk;

import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContexts;
import dev.postern.dma.HostileContext;
import dev.postern.interrupt.InterruptRouter;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.VirtioException;
import dev.postern.virtio.device.VirtioDevice;
import dev.postern.virtio.fake.ScriptedDisk;
import dev.postern.virtio.fake.ScriptedTransport;
import dev.postern.virtio.fake.SimulatedCpu;
import dev.postern.virtio.fake.TestRam;
import dev.postern.virtio.fake.WatchedContext;
import java.util.Arrays;
import java.util.Optional;

/** A disk driver on a hostile context, simulated time and a scripted device of 4096 sectors. */
final class BlkBench {

    static final int SECTORS = 4096;
    /** What buffers hold before the device is asked: neither zero nor the context's poison, which has its top bit set. */
    static final byte MARK = 0x11;

    static final FeatureSet FEATURES = FeatureSet.of(1, 2, 6, 9, 32);

    final TestRam ram = new TestRam(96 << 20);
    final SimulatedCpu cpu;
    final InterruptRouter router;
    final HostileContext hostile;
    final WatchedContext context;
    final ScriptedTransport transport;
    final ScriptedDisk device;
    private final InterruptMode mode;
    private final long freeAtFirst;

    BlkBench(InterruptMode mode, long clockOrigin) {
        this.mode = mode;
        cpu = new SimulatedCpu(clockOrigin);
        router = new InterruptRouter(cpu, Optional.empty(), ram.frames());
        hostile = DmaContexts.hostile(7, ram.frames(), DmaConstraints.NONE, "blk0");
        context = new WatchedContext(hostile);
        transport = new ScriptedTransport(2, hostile.deviceView(), ram, router);
        transport.offered = FEATURES;
        device = new ScriptedDisk(transport, hostile.deviceView(), SECTORS, 7);
        cpu.device(device::work);
        freeAtFirst = ram.frames().freeBytes();
    }

    static BlkBench polled() {
        return new BlkBench(InterruptMode.POLLED, 0);
    }

    static BlkBench signalled() {
        return new BlkBench(InterruptMode.MSIX, 0);
    }

    /** A device that nothing was said to yet. */
    VirtioDevice found() {
        return new VirtioDevice("blk0", transport, cpu, router, mode);
    }

    /** A negotiated device, for tests of how opening ends. */
    VirtioDevice negotiated() throws VirtioException {
        VirtioDevice found = found();
        found.negotiate(found.discover());
        return found;
    }

    BlkDevice open() throws VirtioException {
        return open(BlkOptions.USUAL);
    }

    BlkDevice open(BlkOptions options) throws VirtioException {
        return BlkDevice.open(negotiated(), context, ram.frames(), options);
    }

    /** A buffer full of marks. */
    long buffer(long bytes) {
        long pa = ram.buffer(bytes);
        ram.at(pa, bytes).fill(MARK);
        return pa;
    }

    /** What the image holds. */
    byte[] content(long sector, long bytes) {
        int at = (int) sector * 512;
        return Arrays.copyOfRange(device.image, at, at + (int) bytes);
    }

    /** Whether a buffer is as it was made. */
    boolean untouched(long pa, long bytes) {
        for (byte b : ram.get(pa, bytes)) {
            if (b != MARK) {
                return false;
            }
        }
        return true;
    }

    /** Frames that are in use now and were not when the bench was made, in bytes; the context's own count only while open. */
    long framesInUse() {
        return freeAtFirst - ram.frames().freeBytes();
    }
}
