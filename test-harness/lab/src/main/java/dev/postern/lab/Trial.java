package dev.postern.lab;

import dev.postern.boot.Boot;
import dev.postern.boot.BootEvent;
import dev.postern.boot.BootException;
import dev.postern.boot.BootOptions;
import dev.postern.boot.BootedGuest;
import dev.postern.dma.DmaContexts;
import dev.postern.dma.debug.DmaLedger;
import dev.postern.dma.debug.StackCapture;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.DeviceDeadException;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.blk.BlkDevice;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A guest booted on a machine under watch. Closing it shuts the guest down and then asserts what every run must leave behind:
 * no memory taken, a clean ledger, and no rule broken that the machine watches.
 *
 * <p>It owns the machine. <b>Threads:</b> the guest's.
 */
public final class Trial implements AutoCloseable {

    private final LabMachine machine;
    private final DmaLedger ledger;
    private final BootedGuest guest;
    private final FrameAllocator frames;
    private final long freeBefore;

    private Trial(LabMachine machine, DmaLedger ledger, BootedGuest guest, Watch watch) {
        this.machine = machine;
        this.ledger = ledger;
        this.guest = guest;
        this.frames = watch.frames;
        this.freeBefore = watch.freeBeforeDevices;
    }

    /** Boots a guest with these devices. */
    public static Trial boot(Setting setting, LabDevice... devices) throws BootException {
        return boot(setting, FeatureSet.EMPTY, devices);
    }

    /** Boots a guest with these devices, whose drivers do not accept some features. */
    public static Trial boot(Setting setting, FeatureSet withheld, LabDevice... devices) throws BootException {
        Peers.require(setting.machine());
        return boot(setting, withheld, LabMachine.open(setting.machine(), List.of(devices)));
    }

    /** Boots a guest on a machine that is open; the machine is closed when that fails. */
    public static Trial boot(Setting setting, LabMachine machine) throws BootException {
        return boot(setting, FeatureSet.EMPTY, machine);
    }

    private static Trial boot(Setting setting, FeatureSet withheld, LabMachine machine) throws BootException {
        DmaLedger ledger = new DmaLedger(StackCapture.ON);
        BootOptions options = BootOptions.defaults()
                .withInterrupts(setting.interrupts())
                .withWithheld(withheld)
                .withContexts(opener(setting.contexts(), ledger));
        Watch watch = new Watch();
        try {
            BootedGuest guest = Boot.start(machine.machine(), options, watch::see);
            return new Trial(machine, ledger, guest, watch);
        } catch (BootException | RuntimeException e) {
            machine.close();
            throw e;
        }
    }

    private static BootOptions.ContextOpener opener(ContextKind kind, DmaLedger ledger) {
        return switch (kind) {
            case AUDITED ->
                (plan, frames, constraints, device) ->
                        ledger.audit(DmaContexts.open(plan, frames, constraints, device));
            // Each device draws its own places, so that a mixed-up address cannot be right by chance.
            case HOSTILE ->
                (plan, frames, constraints, device) ->
                        DmaContexts.hostile(Seed.value() ^ device.hashCode(), frames, constraints, device);
        };
    }

    /** The machine. */
    public LabMachine machine() {
        return machine;
    }

    /** The guest. */
    public BootedGuest guest() {
        return guest;
    }

    /** A disk by its place among the disks, from 0. */
    public BlkDevice disk(int index) {
        return guest.disks().get(index);
    }

    /** Takes a buffer for requests; it is given back by {@link #giveBack}. */
    public PhysRange buffer(long bytes) {
        return frames.allocate(bytes, FrameRequest.ANY);
    }

    /** Gives a buffer back. */
    public void giveBack(PhysRange buffer) {
        frames.free(buffer);
    }

    /** What lies in a buffer. */
    public MemorySegment bytes(PhysRange buffer) {
        return frames.memory().slice(buffer.basePa(), buffer.length());
    }

    /** Shuts the guest down without looking at what it leaves behind, for tests whose device is beyond help. */
    public void abandon() {
        try (machine) {
            guest.close();
        } catch (DeviceDeadException e) {
            // The test knows: that is why it abandons the trial.
            return;
        }
    }

    /**
     * Shuts the guest down and looks at what it leaves behind.
     *
     * @throws DeviceDeadException when a device did not come out of reset
     */
    @Override
    public void close() throws DeviceDeadException {
        try (machine) {
            guest.close();
            ledger.assertClean();
            List<String> errors = machine.guestErrors();
            if (!errors.isEmpty()) {
                throw new AssertionError("the guest broke rules: %s; %s".formatted(errors, Seed.words()));
            }
            if (frames.freeBytes() != freeBefore) {
                throw new AssertionError("%d bytes of memory were not given back; %s"
                        .formatted(freeBefore - frames.freeBytes(), Seed.words()));
            }
        }
    }

    /** Remembers how much memory was free before any device was touched. */
    private static final class Watch {
        private FrameAllocator frames;
        private long freeBeforeDevices;

        void see(BootEvent event) {
            switch (event) {
                case BootEvent.MemoryReady(FrameAllocator ready) -> frames = ready;
                case BootEvent.BusEnumerated _ -> freeBeforeDevices = frames.freeBytes();
                case BootEvent.FirmwareRead _, BootEvent.DeviceProbed _ -> {
                    // Memory of firmware tables stays taken; devices are what is watched.
                }
            }
        }
    }
}
