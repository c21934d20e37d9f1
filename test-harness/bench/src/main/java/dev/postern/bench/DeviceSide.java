package dev.postern.bench;

/**
 * A device's work on a ring, as little of it as there can be: it uses whatever it is shown and checks nothing. Written from the
 * specification and not from the driver, so that the two agree for no other reason.
 */
interface DeviceSide {

    /**
     * Uses every buffer that it is shown and has not used, and makes them known at once.
     *
     * @return how many
     */
    int use();

    /** The sum of all addresses that it saw, so that no compiler leaves their reading out. */
    long seen();

    /** How often the driver asked for a signal. */
    long signals();
}
