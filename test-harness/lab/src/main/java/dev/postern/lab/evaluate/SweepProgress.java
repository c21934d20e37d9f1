package dev.postern.lab.evaluate;

/** Is told how far a sweep has come, on the thread that runs it. */
@FunctionalInterface
public interface SweepProgress {

    /** Tells nobody. */
    SweepProgress NONE = (done, total) -> {};

    /**
     * So many cells are done.
     *
     * @param done 0 to {@code total}
     * @param total may grow once, when it is known how many cells have to be run a second time
     */
    void advance(int done, int total);
}
