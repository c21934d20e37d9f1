package dev.postern.interrupt;

/** What runs when a message-signalled interrupt was latched. */
@FunctionalInterface
public interface InterruptHandler {

    /**
     * Serves the interrupt, on the thread that polls the router. Several messages since the last call are one call, and
     * a call without cause can happen (a message that was under way when its device was reset), so the handler looks at
     * its device's memory and believes that alone. It must not wait and must not poll the router. An exception goes to
     * the caller of the poll; what was latched for others stays latched.
     */
    void handle();
}
