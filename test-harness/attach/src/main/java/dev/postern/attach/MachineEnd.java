package dev.postern.attach;

import dev.postern.machine.MachineDiedException;

/** Whether a machine has ended, and why. Safe from any thread. */
final class MachineEnd {

    private final String machine;
    private volatile String reason;

    MachineEnd(String machine) {
        this.machine = machine;
    }

    /** Throws when the machine has ended. */
    void check() {
        String why = reason;
        if (why != null) {
            throw new MachineDiedException(why, null);
        }
    }

    /** Whether the machine has not ended. */
    boolean isRunning() {
        return reason == null;
    }

    /** Ends it as its owner wanted. */
    void byClosing() {
        end(machine + " was closed");
    }

    /**
     * Ends it, because the guest did what its platform ends a guest for.
     *
     * @return what the guest is told
     */
    MachineDiedException byFault(String what) {
        end(machine + " stopped: " + what);
        return new MachineDiedException(reason, null);
    }

    private synchronized void end(String why) {
        if (reason == null) {
            reason = why;
        }
    }
}
