package dev.postern.cli.run;

import dev.postern.boot.BootEvent;
import dev.postern.boot.BootedGuest;

/** Is told of a run as it goes, on the thread that runs it. */
public interface BootListener {

    /** The machine is there. */
    void machineReady(BootRequest request, HostSide host);

    /** The guest has made a step. */
    void booting(BootEvent event);

    /** An application has ended, one way or the other. */
    void applicationDone(ApplicationRun run);

    /** The work is done, and the guest is about to be shut down. */
    void leaving(BootedGuest guest, BootRecord record);

    /** All is shut down. */
    void ended(BootRecord record);
}
