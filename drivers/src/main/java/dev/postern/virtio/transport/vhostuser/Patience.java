package dev.postern.virtio.transport.vhostuser;

import java.time.Duration;

/**
 * How long a back-end is waited for. A reset has {@link dev.postern.virtio.device.VirtioDevice#RESET_LIMIT} in all, five seconds: a last
 * orderly word, the end of the stream, and if that does not come a loss of power, each within its bound here, are below it.
 */
final class Patience {

    /** For the answer to a message. What a back-end does for one takes microseconds, and milliseconds when the host is busy. */
    static final Duration ANSWER = Duration.ofSeconds(3);

    /** For the answer to the last words of a session, all together. */
    static final Duration LAST_WORDS = Duration.ofSeconds(1);

    /** For the end of the stream after ours: a back-end finishes what it has begun before. */
    static final Duration LETTING_GO = Duration.ofSeconds(3);

    /** For a loss of power, and the return of the other side. */
    static final Duration POWER_CYCLE = Duration.ofMillis(1500);

    /** For somebody to listen, who may have to be started first. Who waits longer tries again. */
    static final Duration CONNECT = Duration.ofSeconds(1);

    private Patience() {}
}
