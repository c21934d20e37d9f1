package dev.postern.cli.leak;

import dev.postern.attach.MemoryMapProof;
import dev.postern.attach.ProcessScan;
import dev.postern.attach.QemuQ35;
import dev.postern.attach.StorageDaemon;
import dev.postern.attach.VhostUserMachine;
import java.io.IOException;

/**
 * A process that serves devices, of which everything can be searched that the system shows us.
 *
 * @param name what sentences call it
 * @param proof compares what it has mapped and open with what this JVM has
 * @param search looks through all of its memory
 */
record ForeignProcess(String name, Proof proof, Search search) {

    /** Compares what a process has mapped and open with what this JVM has. */
    @FunctionalInterface
    interface Proof {
        /**
         * Looks now.
         *
         * @throws IOException when the process has gone, or the system does not let us look
         */
        MemoryMapProof look() throws IOException;
    }

    /** Looks through all memory of a process. */
    @FunctionalInterface
    interface Search {
        /**
         * Searches now.
         *
         * @throws IOException when the process has gone, or the system does not let us look
         */
        ProcessScan find(byte[] needle) throws IOException;
    }

    static ForeignProcess of(QemuQ35 machine) {
        return new ForeignProcess("QEMU", machine::memoryMapProof, machine::findInProcess);
    }

    static ForeignProcess of(VhostUserMachine machine, StorageDaemon daemon) {
        return new ForeignProcess(
                "process %d".formatted(daemon.pid()),
                () -> machine.memoryMapProof(daemon),
                needle -> machine.findInProcess(daemon, needle));
    }
}
