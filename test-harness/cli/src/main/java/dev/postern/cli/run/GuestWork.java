package dev.postern.cli.run;

import dev.postern.boot.BootedGuest;
import dev.postern.boot.GuestMemory;
import dev.postern.machine.Machine;
import java.io.IOException;

/** What is done with a guest, from its machine on. Called on the thread that runs it, in the order given here. */
public interface GuestWork {

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
