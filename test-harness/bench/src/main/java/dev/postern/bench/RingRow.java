package dev.postern.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * The result for one batch, in nanoseconds of processor time for one buffer; each list in the order in which it was measured, and as
 * long as the other.
 *
 * @param setting what ran
 * @param batch buffers in a burst
 * @param java of the Java side
 * @param peer of the C peer
 * @param bytes of Java heap for one buffer
 */
record RingRow(RingSetting setting, int batch, List<Double> java, List<Double> peer, double bytes) {

    /** Copies the lists. */
    RingRow {
        java = List.copyOf(java);
        peer = List.copyOf(peer);
    }

    /** Of the ratios of neighbours. */
    double ratio(Quantile quantile) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < java.size(); i++) {
            ratios.add(java.get(i) / peer.get(i));
        }
        return quantile.of(ratios);
    }
}
