package dev.postern.interrupt;

/** What runs while an interrupt line is held; several devices may share a line. */
@FunctionalInterface
public interface LineHandler {

    /**
     * Asks the device whether it raised the line, serves it and makes it drop the line, usually by reading its interrupt
     * status. Runs on the thread that polls the router; it must not wait and must not poll the router.
     *
     * @return whether this device was a cause
     */
    LineAnswer handle();
}
