package dev.postern.bench;

/**
 * One result.
 *
 * @param input what was decided on, in words
 * @param work what was made of it, in words
 * @param state how warm the JVM was
 * @param paired nanoseconds for one decision, beside the bare chain of conditions
 */
record DecideRow(String input, String work, JvmState state, Paired paired) {

    /** How warm a JVM is. */
    enum JvmState {
        /** Loaded and compiled. */
        WARM,
        /** In its first milliseconds. */
        COLD
    }

    /** How many in a second. */
    double perSecond() {
        return 1e9 / paired.value();
    }
}
