package dev.postern.bench;

/**
 * The result of one case, in nanoseconds for one map and unmap.
 *
 * @param measured what was measured
 * @param ns median
 * @param bareNs median of the bare work, measured in turns with it
 * @param overNs median of the differences of neighbouring runs
 * @param error half the range between the quartiles of those differences
 */
record DmaRow(DmaCase measured, double ns, double bareNs, double overNs, double error) {

    /** The result of a case. */
    static DmaRow of(DmaCase measured, Paired paired) {
        return new DmaRow(measured, paired.value(), paired.bare(), paired.over(), paired.error());
    }

    /** How many times the bare work it takes. */
    double ratio() {
        return ns / bareNs;
    }
}
