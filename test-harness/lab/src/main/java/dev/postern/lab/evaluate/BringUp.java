package dev.postern.lab.evaluate;

/** How far the disk of a cell came. */
sealed interface BringUp {

    /** It was driven. */
    record Driven() implements BringUp {}

    /**
     * The decision left it alone, or it offers what rules out driving it.
     *
     * @param why in one line
     */
    record Declined(String why) implements BringUp {}

    /**
     * There was a plan, and nothing that carries it out; the device was left alone.
     *
     * @param why in one line
     */
    record PlanWithoutBackend(String why) implements BringUp {}

    /**
     * It broke while it was brought up.
     *
     * @param why in one line
     */
    record NotStarted(String why) implements BringUp {}

    /**
     * There is no guest that could drive it.
     *
     * @param why in one line
     */
    record NoGuest(String why) implements BringUp {}
}
