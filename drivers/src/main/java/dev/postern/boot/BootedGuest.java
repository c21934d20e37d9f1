package dev.postern.boot;

import dev.postern.app.Guest;
import dev.postern.app.Progress;
import dev.postern.bus.pci.PciTree;
import dev.postern.dma.DmaContext;
import dev.postern.dma.bounce.BouncePool;
import dev.postern.interrupt.InterruptRouter;
import dev.postern.memory.FrameAllocator;
import dev.postern.platform.DetectedPlatform;
import dev.postern.virtio.DeviceDeadException;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.device.VirtioDevice;
import dev.postern.virtio.device.VirtioDriver;
import dev.postern.virtio.queue.RingDump;
import dev.postern.virtio.rng.RngDevice;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A guest whose devices are up. Closing it quiesces and resets every device before its memory is given back, in the reverse
 * order of bring-up; the machine itself stays open. One thread uses it.
 */
public final class BootedGuest implements AutoCloseable {

    private final DetectedPlatform platform;
    private final GuestMemory memory;
    private final InterruptRouter router;
    private final Optional<PciTree> bus;
    private final List<DeviceReport> devices = new ArrayList<>();
    private final List<VirtioDevice> live = new ArrayList<>();
    private final List<VirtioDriver> drivers = new ArrayList<>();
    private final List<DmaContext> contexts = new ArrayList<>();
    private boolean closed;

    BootedGuest(DetectedPlatform platform, GuestMemory memory, InterruptRouter router, Optional<PciTree> bus) {
        this.platform = platform;
        this.memory = memory;
        this.router = router;
        this.bus = bus;
    }

    void add(DeviceReport report) {
        devices.add(report);
    }

    void add(VirtioDevice device, VirtioDriver driver, DmaContext context) {
        live.add(device);
        drivers.add(driver);
        contexts.add(context);
    }

    /** Every virtio device, in the order of discovery. */
    public List<DeviceReport> devices() {
        return List.copyOf(devices);
    }

    /** The disks, in the order of their names. */
    public List<BlkDevice> disks() {
        return driversOf(BlkDevice.class);
    }

    /** The entropy devices, in the order of their names. */
    public List<RngDevice> rngs() {
        return driversOf(RngDevice.class);
    }

    /** Pictures of the rings of all live devices, as they are now. */
    public List<RingDump> rings() {
        return live.stream().flatMap(device -> device.rings().stream()).toList();
    }

    /** Pictures of the rings that broke, each as it was found at its last fault; a device that was recovered has one too. */
    public List<RingDump> brokenRings() {
        return live.stream().flatMap(device -> device.brokenRings().stream()).toList();
    }

    /** What an application finds here. */
    public Guest guest(Progress progress) {
        return new Guest(disks(), rngs(), frames(), progress);
    }

    /** The bus, as it was enumerated; empty where all devices are in other processes. */
    public Optional<PciTree> bus() {
        return bus;
    }

    /** The interrupts that came, and the trouble with them. */
    public InterruptRouter interrupts() {
        return router;
    }

    /** The memory that applications and drivers have in common; private on a secure platform. */
    public FrameAllocator frames() {
        return memory.frames();
    }

    /** The platform that the guest found itself on. */
    public DetectedPlatform platform() {
        return platform;
    }

    /** Private and shared memory, and the bounce pool. */
    public GuestMemory memory() {
        return memory;
    }

    /**
     * Shuts down: every device is reset, then its memory is unmapped (CVE-2025-38064: a device that is not reset writes into
     * the next kernel).
     *
     * @throws DeviceDeadException when a device did not come out of reset; all others were shut down all the same
     */
    @Override
    public void close() throws DeviceDeadException {
        if (closed) {
            return;
        }
        closed = true;
        DeviceDeadException dead = null;
        Set<DmaContext> closedContexts = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = drivers.size() - 1; i >= 0; i--) {
            try {
                drivers.get(i).close();
                contexts.get(i).close();
                closedContexts.add(contexts.get(i));
            } catch (DeviceDeadException e) {
                // Its context stays open: what it may still write to is never given to anybody else.
                dead = dead == null ? e : dead;
            }
        }
        router.close();
        if (closedContexts.size() == contexts.size()) {
            memory.pools().forEach(BouncePool::close);
        }
        if (dead != null) {
            throw dead;
        }
    }

    private <T> List<T> driversOf(Class<T> type) {
        return drivers.stream().filter(type::isInstance).map(type::cast).toList();
    }
}
