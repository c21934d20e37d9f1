package dev.postern.attach;

import dev.postern.machine.ChannelException;
import dev.postern.os.UnixStream;
import java.time.Duration;

/** Who is behind a channel. */
sealed interface Backend permits StartedBackend, JoinedBackend {

    /** What the log calls it. */
    String name();

    /**
     * Connects to it.
     *
     * @param limit how long to wait for it to listen
     * @throws ChannelException when it does not; one line with the remedy
     */
    UnixStream connect(Duration limit) throws ChannelException;

    /** Ends it, so that it reaches no memory any more, and lets it come back with the next connection; false when it is not ours to end. */
    boolean powerCycle(Duration limit);

    /** Whether it runs, and what it said last. */
    String condition();

    /** What to do when it has hung up or does not answer. */
    String remedy();
}
