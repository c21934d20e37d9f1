package dev.postern.cli.run;

import dev.postern.machine.Machine;
import java.util.concurrent.locks.LockSupport;

/**
 * Closes a machine when the process is told to end, by Ctrl-C for instance, while it still runs.
 *
 * <p>The thread that uses the machine then sees it die under its hands; that is no failure to tell the user of.
 */
final class ShutdownGuard implements AutoCloseable {

    private final Thread hook;
    private volatile boolean shuttingDown;

    private ShutdownGuard(Machine machine) {
        hook = new Thread(
                () -> {
                    shuttingDown = true;
                    machine.close();
                },
                "close-" + machine.name());
    }

    /** Watches over a machine until closed. */
    static ShutdownGuard over(Machine machine) {
        ShutdownGuard guard = new ShutdownGuard(machine);
        Runtime.getRuntime().addShutdownHook(guard.hook);
        return guard;
    }

    /** Does not return when the process is ending: it ends with the status of the signal, and without another word. */
    void parkIfShuttingDown() {
        while (shuttingDown) {
            LockSupport.park(this);
        }
    }

    @Override
    public void close() {
        parkIfShuttingDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The end has begun: the hook runs, and closing the machine twice is safe.
            return;
        }
    }
}
