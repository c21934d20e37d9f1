package dev.postern.machine;

/** Wakes the other side of a {@link Channel}. */
public interface Doorbell extends AutoCloseable {

    /** To be passed to the other side; the doorbell's own, and open until it is closed. */
    int descriptor();

    /**
     * Rings. The caller's stores before it are seen by whoever was woken by it. Never waits, and never fails: who is not there does not
     * hear it.
     */
    void ring();

    /** Closes it. Safe to call twice; never throws. */
    @Override
    void close();
}
