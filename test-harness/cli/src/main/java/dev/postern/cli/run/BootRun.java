package dev.postern.cli.run;

import dev.postern.boot.Boot;
import dev.postern.boot.BootEvent;
import dev.postern.boot.BootException;
import dev.postern.boot.BootedGuest;
import dev.postern.boot.DeviceReport;
import dev.postern.boot.GuestMemory;
import dev.postern.cli.ExitStatus;
import dev.postern.cli.Failure;
import dev.postern.cli.WrongCallException;
import dev.postern.machine.Machine;
import dev.postern.virtio.FeatureSet;
import java.io.IOException;

/** One boot: machine, guest, what is done with it, and the way back. */
public final class BootRun {

    private final BootRequest request;
    private final BootListener listener;
    private final GuestWork work;
    private final BootRecord record;

    /**
     * Prepares a run.
     *
     * @param request what to do
     * @param listener told of each step
     * @param work what is done with the guest
     * @param record filled as far as the run comes
     */
    public BootRun(BootRequest request, BootListener listener, GuestWork work, BootRecord record) {
        this.request = request;
        this.listener = listener;
        this.work = work;
        this.record = record;
    }

    /**
     * Runs. A device that fails is in the record and does not end the run.
     *
     * @throws BootException when no guest came up
     * @throws IOException when the work cannot go on, or the guest did not shut down
     * @throws RuntimeException when the machine cannot be made or has died
     */
    public void run() throws BootException, IOException {
        long start = System.nanoTime();
        try (Machine machine = build();
                ShutdownGuard guard = ShutdownGuard.over(machine)) {
            try {
                record.note(HostSide.of(request, machine));
                listener.machineReady(request, record.host());
                bootOn(machine);
                record.note(ChannelState.of(machine));
            } catch (BootException | IOException e) {
                record.note(ChannelState.of(machine));
                throw e;
            } catch (RuntimeException e) {
                guard.parkIfShuttingDown();
                throw e;
            }
        } finally {
            record.took(System.nanoTime() - start);
        }
        listener.ended(record);
    }

    private Machine build() {
        return switch (request.machine().kind()) {
            case EMULATED -> EmulatedAssembly.build(request, work.watch());
            case QEMU_Q35 -> QemuAssembly.build(request);
            case VHOST_USER -> VhostUserAssembly.build(request);
        };
    }

    private void bootOn(Machine machine) throws BootException, IOException {
        work.machineReady(machine);
        try (BootedGuest guest = Boot.start(machine, request.options(), this::step)) {
            requirePlatform();
            requireAllDevices();
            work.guestReady(guest);
            record.note(InterruptCounts.of(guest.interrupts()));
            record.recovered(Recovery.of(guest));
            listener.leaving(guest, record);
        }
    }

    private void step(BootEvent event) {
        record.note(event);
        listener.booting(event);
        if (event instanceof BootEvent.MemoryReady(GuestMemory memory)) {
            work.memoryReady(memory);
        }
    }

    /** The guest is not told what it runs on, so it may be wrong. What keeps nothing private is plain to it, by whatever name. */
    private void requirePlatform() {
        String expected = request.machine().securePlatforms().contains(request.platform())
                ? request.platform()
                : BootRequest.PLAIN;
        record.platform()
                .map(FoundPlatform::name)
                .filter(found -> !found.equals(expected))
                .ifPresent(found -> record.failed(new Failure(
                        ExitStatus.FAILED,
                        "the guest takes its platform for %s, but the machine is %s: report what the log says of it"
                                .formatted(found, request.platform()))));
    }

    private void requireAllDevices() {
        for (DeviceReport device : record.devices()) {
            if (device.outcome() == DeviceReport.Result.REFUSED
                    || device.outcome() == DeviceReport.Result.DEFERRED
                    || device.outcome() == DeviceReport.Result.FAILED) {
                requireSomebody(device);
                record.failed(Failure.named(ExitStatus.FAILED, device.name(), device.why()));
            }
        }
        int found = record.devices().size();
        if (found < request.virtioDevices()) {
            record.failed(new Failure(
                    ExitStatus.FAILED,
                    "the guest found %d of %d virtio devices: see what the log says of the bus"
                            .formatted(found, request.virtioDevices())));
        }
    }

    /**
     * Nobody listening is the call's fault.
     *
     * @throws WrongCallException when that is why a device never answered
     */
    private void requireSomebody(DeviceReport device) {
        boolean nobody = device.offered().equals(FeatureSet.EMPTY)
                && request.machine()
                        .socket()
                        .filter(socket -> !new JoinedSocket(socket).listens())
                        .isPresent();
        if (nobody) {
            throw new WrongCallException(device.why());
        }
    }
}
