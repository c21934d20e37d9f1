package dev.postern.bench;

import dev.postern.virtio.InterruptMode;
import java.util.Locale;

/** How a front-end learns that requests are done. */
enum VhostBlkWaiting {
    /** It looks into the ring all the time, and no signal is wanted. */
    POLLED(InterruptMode.POLLED),
    /** It asks for a signal and sleeps until it comes. */
    BLOCKING(InterruptMode.MSIX);

    private final InterruptMode mode;

    VhostBlkWaiting(InterruptMode mode) {
        this.mode = mode;
    }

    /** What a guest is booted with. */
    InterruptMode mode() {
        return mode;
    }

    /** On a command line and in tables. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
