package dev.postern.app;

import java.io.IOException;

/**
 * A program that runs on the booted guest, on the one thread that owns all devices.
 *
 * <p>Implementations keep no state between runs.
 */
public interface Application {

    /** One word, as on the command line. */
    String name();

    /** What it does, in half a line. */
    String purpose();

    /**
     * Does its work and returns its results.
     *
     * @throws ApplicationException when the guest lacks what the application needs
     * @throws IOException when a device fails
     */
    ApplicationResult run(Guest guest) throws IOException;
}
