package dev.postern.bench;

/** Is told how far a benchmark has come. */
@FunctionalInterface
interface Steps {

    /**
     * Takes a step.
     *
     * @param done steps that are done
     * @param all steps that there are
     */
    void done(int done, int all);
}
