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

    QemuDeath(String machine, ChildProcess qemu) {
        this.machine = machine;
        this.qemu = qemu;
    }

    /** From now on the end of the machine is what we wanted. */
    void expect() {
        closedByUs = true;
    }

    /**
     * What the guest is told. A QEMU that is still there is ended: a connection that failed once is in no known state.
     *
     * @param cause what was noticed on a connection
     */
    MachineDiedException because(Exception cause) {
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
