package dev.postern.cli.run;

import dev.postern.app.Application;
import dev.postern.app.ApplicationException;
import dev.postern.app.ApplicationResult;
import dev.postern.app.Applications;
import dev.postern.app.Progress;
import dev.postern.boot.BootedGuest;
import dev.postern.boot.GuestMemory;
import dev.postern.cli.ExitStatus;
import dev.postern.cli.Failure;
import dev.postern.machine.Machine;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Runs applications, one after the other. One that fails is in the record and does not keep the others from running.
 *
 * @param names which
 * @param listener told of each
 * @param progress told of long work
 * @param record has their results
 */
public record ApplicationWork(List<String> names, BootListener listener, Progress progress, BootRecord record)
        implements GuestWork {

    /** Copies the names. */
    public ApplicationWork {
        names = List.copyOf(names);
    }

    @Override
    public void machineReady(Machine machine) {
        // Applications know the guest alone.
    }

    @Override
    public void memoryReady(GuestMemory memory) {
        // They begin when the devices are up.
    }

    @Override
    public void guestReady(BootedGuest guest) {
        for (String name : names) {
            ApplicationRun done = run(Applications.named(name).orElseThrow(), guest);
            record.note(done);
            listener.applicationDone(done);
        }
    }

    private ApplicationRun run(Application application, BootedGuest guest) {
        long start = System.nanoTime();
        Optional<ApplicationResult> result = Optional.empty();
        Optional<String> failure = Optional.empty();
        try {
            result = Optional.of(application.run(guest.guest(progress)));
        } catch (ApplicationException lacking) {
            // Where all devices run, it is the call that lacks what the application needs.
            boolean call = record.failures().isEmpty();
            String why = call ? lacking.getMessage() : "not run: the device that it needs did not come up";
            failure = Optional.of(why);
            record.failed(
                    Failure.named(call ? ExitStatus.WRONG_CALL : ExitStatus.FAILED, application.name(), why));
        } catch (IOException broken) {
            failure = Optional.of(broken.getMessage());
            record.failed(Failure.named(ExitStatus.FAILED, application.name(), broken.getMessage()));
        }
        return new ApplicationRun(application.name(), result, System.nanoTime() - start, failure);
    }
}
