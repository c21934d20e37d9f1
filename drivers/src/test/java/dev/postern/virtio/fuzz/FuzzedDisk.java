package dev.postern.virtio.fuzz;

import static dev.postern.virtio.fuzz.FuzzedRing.require;

import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContexts;
import dev.postern.dma.HostileContext;
import dev.postern.interrupt.InterruptRouter;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.DeviceDeadException;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.ReservedFeatures;
import dev.postern.virtio.VirtioException;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.device.VirtioDevice;
import dev.postern.virtio.fake.DiskRequest;
import dev.postern.virtio.fake.ScriptedDisk;
import dev.postern.virtio.fake.ScriptedTransport;
import dev.postern.virtio.fake.SimulatedCpu;
import dev.postern.virtio.fake.TestRam;
import dev.postern.virtio.fake.WatchedContext;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Optional;

/**
 * A disk driver whose device does what an input says, and what must hold whatever it does: each call ends, in its result or in a
 * {@link VirtioException}; a read that failed leaves its buffer as it was, and no call touches the memory around it; and closing finds
 * every mapping ended and every byte given back, unless the device never comes out of reset.
 */
final class FuzzedDisk implements AutoCloseable {

    static final int SECTORS = 32;
    private static final int DISK = 2;
    private static final int PAGE = 4096;
    /** Neither zero nor the context's poison, which has its top bit set. */
    private static final byte MARK = 0x11;

    private static final MemorySegment MARKS =
            MemorySegment.ofArray(new byte[PAGE]).fill(MARK);

    private static final Duration DEADLINE = Duration.ofMillis(5);

    private static TestRam reused = new TestRam(4 << 20);

    private final TestRam ram = reused;
    private final long freeBefore = ram.frames().freeBytes();
    private final SimulatedCpu cpu = new SimulatedCpu(0);
    private final InterruptRouter router = new InterruptRouter(cpu, Optional.empty(), ram.frames());
    private final HostileContext hostile;
    private final WatchedContext context;
    private final PhysRange buffer;
    final ScriptedTransport transport;
    final ScriptedDisk device;
    private VirtioDevice found;
    private BlkDevice disk;
    private boolean dead;

    FuzzedDisk(long seed) {
        hostile = DmaContexts.hostile(seed, ram.frames(), DmaConstraints.NONE, "blk0");
        context = new WatchedContext(hostile);
        transport = new ScriptedTransport(DISK, hostile.deviceView(), ram, router);
        device = new ScriptedDisk(transport, hostile.deviceView(), SECTORS, 7);
        cpu.device(this::turn);
        buffer = ram.frames().allocate(3 * PAGE, FrameRequest.ANY);
        ram.at(buffer.basePa(), 3 * PAGE).fill(MARK);
    }

    private void turn() {
        if (transport.resetReads < 0 && transport.status() == 0) {
            // A reset that never ends: no need to wait for it in small steps.
            cpu.advance(VirtioDevice.RESET_LIMIT.toNanos() / 8);
        }
        device.work();
    }

    /** Brings the disk up; says whether it runs. */
    boolean open(InterruptMode mode) {
        found = new VirtioDevice("blk0", transport, cpu, router, mode);
        return ends(() -> {
            // The ring of a scripted device is split.
            FeatureSet taken = found.discover()
                    .intersect(BlkDevice.supportedFeatures().with(ReservedFeatures.VERSION_1))
                    .minus(FeatureSet.of(ReservedFeatures.RING_PACKED, ReservedFeatures.IN_ORDER));
            found.negotiate(taken);
            disk = BlkDevice.open(found, context, ram.frames());
            disk.requestDeadline(DEADLINE);
            requireSaneConfiguration();
        });
    }

    private void requireSaneConfiguration() {
        var said = disk.configuration();
        require(said.capacitySectors() >= 0 && said.capacityBytes() >= 0, "a capacity that cannot be");
        require(said.blockSize() >= 512 && Integer.bitCount(said.blockSize()) == 1, "a block size that cannot be");
        require(said.largestSegment() >= 512 && said.largestSegment() % 512 == 0, "a segment that carries no sectors");
        require(said.mostSegments() >= 1, "no segments");
        require(disk.largestTransfer() >= 512 && disk.largestTransfer() % 512 == 0, "no transfers");
        require(disk.depth() >= 1, "no requests");
    }

    /** One call of the driver's, of the input's choice. */
    void call(FuzzInput input) {
        long sector = input.below(SECTORS + 4);
        int bytes = 512 * (1 + input.below(PAGE / 512));
        long pa = buffer.basePa() + PAGE;
        switch (input.below(4)) {
            case 0 -> {
                ram.at(pa, PAGE).fill(MARK);
                boolean done = ends(() -> disk.read(sector, pa, bytes));
                require(done || untouched(pa, PAGE), "a read failed and changed its buffer");
                require(untouched(pa + bytes, PAGE - bytes), "a read went past its buffer");
            }
            case 1 -> ends(() -> disk.write(sector, pa, bytes));
            case 2 -> ends(disk::flush);
            default -> ends(() -> require(disk.id().length() <= 20, "a name that is too long"));
        }
        requireSaneConfiguration();
    }

    /** Answers honestly as far as the image goes, which ends before a capacity that the registers may say. */
    void honestly(DiskRequest request) {
        if (request.sector() >= 0 && request.sector() + request.bytes() / 512 <= SECTORS) {
            device.honestly(request);
        } else {
            device.finish(request, 1, 1);
        }
    }

    /** The device writes. */
    void write(long dva, byte[] bytes) {
        hostile.deviceView().write(dva, bytes);
    }

    private boolean untouched(long pa, long bytes) {
        return ram.at(pa, bytes).mismatch(MARKS.asSlice(0, bytes)) < 0;
    }

    private interface Call {
        void make() throws VirtioException;
    }

    private boolean ends(Call call) {
        try {
            call.make();
            return true;
        } catch (VirtioException e) {
            require(e.getMessage() != null && e.getMessage().indexOf('\n') < 0, "an error that is not one line: " + e);
            dead |= e instanceof DeviceDeadException;
            return false;
        }
    }

    /** Closes all. A device that is dead keeps its memory, and there is other RAM for the next input. */
    @Override
    public void close() {
        long pa = buffer.basePa();
        require(untouched(pa, PAGE) && untouched(pa + 2 * PAGE, PAGE), "memory beside the buffer was changed");
        boolean closed = ends(() -> {
            if (disk != null) {
                disk.close();
            } else if (found != null) {
                found.close();
            }
        });
        require(closed || dead, "a device that is not dead was not closed");
        if (!closed) {
            reused = new TestRam(4 << 20);
            return;
        }
        require(context.live() == 0, "mappings were left");
        context.close();
        router.close();
        ram.frames().free(buffer);
        require(ram.frames().freeBytes() == freeBefore, "memory was lost");
    }
}
