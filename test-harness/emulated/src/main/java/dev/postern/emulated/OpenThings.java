package dev.postern.emulated;

import java.util.ArrayDeque;

/** What a machine has opened, to be closed in the opposite order, whatever happens. */
final class OpenThings {

    private final ArrayDeque<AutoCloseable> open = new ArrayDeque<>();

    <T extends AutoCloseable> T add(T thing) {
        open.push(thing);
        return thing;
    }

    /** Closes everything. A failure does not keep the rest open, and there is nobody left whom it could help. */
    void close() {
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                System.getLogger(OpenThings.class.getName())
                        .log(System.Logger.Level.WARNING, "closing the emulated machine", e);
            }
        }
    }
}
