package dev.postern.attach;

import dev.postern.machine.ChannelException;
import dev.postern.os.UnixStream;
import java.time.Duration;

/**
 * A back-end that this machine started.
 *
 * @param daemon the machine's
 */
record StartedBackend(StorageDaemon daemon) implements Backend {

    @Override
    public String name() {
        return daemon.name();
    }

    @Override
    public UnixStream connect(Duration limit) throws ChannelException {
        return daemon.connect(limit);
    }

    @Override
    public boolean powerCycle(Duration limit) {
        return daemon.end(limit);
    }

    @Override
    public String condition() {
        return daemon.condition();
    }

    @Override
    public String remedy() {
        return "reset the device, which connects anew";
    }
}
