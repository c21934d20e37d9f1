package dev.postern.attach;

import dev.postern.machine.MachineDiedException;
import dev.postern.os.ChildProcess;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.time.Duration;

/** Says, once a connection to QEMU fails, what became of it. Safe from any thread. */
final class QemuDeath {

    /** How long a process may take to end after its sockets have closed. */
    private static final Duration LAST_BREATH = Duration.ofSeconds(5);

    private final String machine;
    private final ChildProcess qemu;
    private volatile boolean closedByUs;
    private volatile String fault;

    QemuDeath(String machine, ChildProcess qemu) {
        this.machine = machine;
        this.qemu = qemu;
    }

    /** From now on the end of the machine is what we wanted. */
    void expect() {
        closedByUs = true;
    }

    /**
     * The guest did what its platform ends a guest for: QEMU is ended, and every later access is told of the deed.
     *
     * @param what the deed, in a few words
     * @return what the guest is told now
     */
    MachineDiedException afterFault(String what) {
        fault = machine + " stopped: " + what;
        qemu.close();
        return new MachineDiedException(fault, null);
    }

    /**
     * What the guest is told. A QEMU that is still there is ended: a connection that failed once is in no known state.
     *
     * @param cause what was noticed on a connection
     */
    MachineDiedException because(Exception cause) {
        if (fault != null) {
            return new MachineDiedException(fault, cause);
        }
        boolean closedHere = cause instanceof ClosedChannelException || cause instanceof ClosedSelectorException;
        if (closedByUs || closedHere) {
            return new MachineDiedException(machine + " was closed", cause);
        }
        boolean stillThere = cause instanceof SocketTimeoutException || cause instanceof ProtocolException;
        if (stillThere || !qemu.awaitExit(LAST_BREATH)) {
            qemu.close();
            return new MachineDiedException(
                    "%s: %s; it was ended: %s".formatted(machine, cause.getMessage(), qemu.describe()), cause);
        }
        return new MachineDiedException(machine + " died: QEMU's " + qemu.describe(), cause);
    }
}
