package dev.postern.cli.run;

import dev.postern.boot.BootEvent;
import dev.postern.boot.BootedGuest;

/** Tells nobody: for a run of which only the record counts. */
public final class SilentListener implements BootListener {

    /** Has no state. */
    public SilentListener() {}

    @Override
    public void machineReady(BootRequest request, HostSide host) {
        // nobody listens
    }

    @Override
    public void booting(BootEvent event) {
        // nobody listens
    }

    @Override
    public void applicationDone(ApplicationRun run) {
        // nobody listens
    }

    @Override
    public void leaving(BootedGuest guest, BootRecord record) {
        // nobody listens
    }

    @Override
    public void ended(BootRecord record) {
        // nobody listens
    }
}
