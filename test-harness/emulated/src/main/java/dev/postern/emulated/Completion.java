package dev.postern.emulated;

/** In which order a device publishes the requests of one batch, all served by then. */
public enum Completion {
    /** An order drawn from the seed, as a device may (a driver must not count on any order). */
    SHUFFLED,
    /** The order in which the driver made them available. */
    IN_SUBMISSION_ORDER
}
