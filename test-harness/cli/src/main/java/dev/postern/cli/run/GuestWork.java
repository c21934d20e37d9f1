package dev.postern.cli.run;

import dev.postern.boot.BootedGuest;
import dev.postern.boot.GuestMemory;
import dev.postern.machine.Machine;
import java.io.IOException;

/** What is done with a guest, from its machine on. Called on the thread that runs it, in the order given here. */
public interface GuestWork {

    /** What of a machine's devices is written down. */
    enum Watch {
        /** Nothing: they work as fast as they can. */
        NOTHING,
        /** What they read and where they write, on a machine that can tell. */
        MEMORY_ACCESSES
    }

    /** What this work has to be told of the machine's devices; asked before the machine is made. */
    default Watch watch() {
        return Watch.NOTHING;
    }

    /** The machine is there, the guest is not. */
    void machineReady(Machine machine);

    /** The guest's memory is divided; no device was touched yet. */
    void memoryReady(GuestMemory memory);

    /**
     * The devices are up. The guest is closed when this returns.
     *
     * @throws IOException when the work cannot go on
     */
    void guestReady(BootedGuest guest) throws IOException;
}
