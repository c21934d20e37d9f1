package dev.postern.cli.report;

import dev.postern.boot.BootEvent;
import dev.postern.boot.BootedGuest;
import dev.postern.cli.run.ApplicationRun;
import dev.postern.cli.run.BootListener;
import dev.postern.cli.run.BootRecord;
import dev.postern.cli.run.BootRequest;
import dev.postern.cli.run.HostSide;

/**
 * A log on the terminal that shows progress too: an application that ends, in the middle of its work perhaps, has its bar
 * taken away before the log says so.
 *
 * @param log tells
 * @param progress shows
 */
public record LogBesideProgress(BootListener log, ProgressDisplay progress) implements BootListener {

    @Override
    public void machineReady(BootRequest request, HostSide host) {
        log.machineReady(request, host);
    }

    @Override
    public void booting(BootEvent event) {
        log.booting(event);
    }

    @Override
    public void applicationDone(ApplicationRun run) {
        progress.close();
        log.applicationDone(run);
    }

    @Override
    public void leaving(BootedGuest guest, BootRecord record) {
        log.leaving(guest, record);
    }

    @Override
    public void ended(BootRecord record) {
        log.ended(record);
    }
}
