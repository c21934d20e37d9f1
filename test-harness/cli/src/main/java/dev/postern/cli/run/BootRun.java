package dev.postern.cli.run;

import dev.postern.app.Application;
import dev.postern.app.ApplicationException;
import dev.postern.app.ApplicationResult;
import dev.postern.app.Applications;
import dev.postern.app.Progress;
import dev.postern.boot.Boot;
import dev.postern.boot.BootException;
import dev.postern.boot.BootedGuest;
import dev.postern.boot.DeviceReport;
import dev.postern.cli.ExitStatus;
import dev.postern.cli.Failure;
import dev.postern.machine.Machine;
import java.io.IOException;
import java.util.Optional;

/** One boot: machine, guest, applications, and the way back. */
public final class BootRun {

    private final BootRequest request;
    private final BootListener listener;
    private final Progress progress;
    private final BootRecord record;

    /**
     * Prepares a run.
     *
     * @param request what to do
     * @param listener told of each step
     * @param progress told of long work
     * @param record filled as far as the run comes
     */
    public BootRun(BootRequest request, BootListener listener, Progress progress, BootRecord record) {
        this.request = request;
        this.listener = listener;
        this.progress = progress;
        this.record = record;
    }

    /**
     * Runs. A device or an application that fails is in the record and does not end the run.
     *
     * @throws BootException when no guest came up
     * @throws IOException when the guest did not shut down
     * @throws RuntimeException when the machine cannot be made or has died
     */
    public void run() throws BootException, IOException {
        long start = System.nanoTime();
        try (Machine machine = build();
                ShutdownGuard guard = ShutdownGuard.over(machine)) {
            try {
                listener.machineReady(request, machine);
                bootOn(machine);
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
        return switch (request.machine()) {
            case EMULATED -> EmulatedAssembly.build(request);
            case QEMU_Q35 -> QemuAssembly.build(request);
        };
    }

    private void bootOn(Machine machine) throws BootException, IOException {
        try (BootedGuest guest = Boot.start(machine, request.options(), event -> {
            record.note(event);
            listener.booting(event);
        })) {
            requireAllDevices();
            for (String name : request.applications()) {
                ApplicationRun done = runApplication(Applications.named(name).orElseThrow(), guest);
                record.note(done);
                listener.applicationDone(done);
            }
            record.note(InterruptCounts.of(guest.interrupts()));
        }
    }

    private void requireAllDevices() {
        for (DeviceReport device : record.devices()) {
            if (device.outcome() == DeviceReport.Result.REFUSED || device.outcome() == DeviceReport.Result.FAILED) {
                record.failed(new Failure(ExitStatus.FAILED, named(device.name(), device.why())));
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

    private ApplicationRun runApplication(Application application, BootedGuest guest) {
        long start = System.nanoTime();
        Optional<ApplicationResult> result = Optional.empty();
        Optional<String> failure = Optional.empty();
        try {
            result = Optional.of(application.run(guest.guest(progress)));
        } catch (ApplicationException lacking) {
            // Where all devices run, it is the call that lacks what the application needs.
            int status = record.failures().isEmpty() ? ExitStatus.WRONG_CALL : ExitStatus.FAILED;
            failure = Optional.of(lacking.getMessage());
            record.failed(new Failure(status, named(application.name(), lacking.getMessage())));
        } catch (IOException broken) {
            failure = Optional.of(broken.getMessage());
            record.failed(new Failure(ExitStatus.FAILED, named(application.name(), broken.getMessage())));
        }
        return new ApplicationRun(application.name(), result, System.nanoTime() - start, failure);
    }

    /** Names the one who complains, unless the complaint begins with that name already. */
    private static String named(String name, String message) {
        return message.startsWith(name) ? message : name + ": " + message;
    }
}
