package dev.postern.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures the two sides of {@code bench ring} in turns.
 *
 * @param pairs how many of each batch
 * @param warmups how many measurements before, of each batch in turn, which do not count
 * @param buffers of a measurement
 */
record RingPairs(int pairs, int warmups, long buffers) {

    /** For figures. */
    static final RingPairs THOROUGH = new RingPairs(15, 6, 2_000_000);

    /** For a first look. */
    static final RingPairs QUICK = new RingPairs(5, 4, 500_000);

    List<RingRow> measure(RingSetting setting, List<Integer> batches, AskedProgram java, AskedProgram c)
            throws IOException {
        for (int i = 0; i < warmups; i++) {
            for (int batch : batches) {
                java.ask(question(setting, batch));
            }
        }
        List<RingRow> rows = new ArrayList<>();
        for (int batch : batches) {
            rows.add(measure(setting, batch, java, c));
        }
        return rows;
    }

    private RingRow measure(RingSetting setting, int batch, AskedProgram java, AskedProgram c) throws IOException {
        String question = question(setting, batch);
        List<Double> ofJava = new ArrayList<>();
        List<Double> ofC = new ArrayList<>();
        double bytes = 0;
        for (int i = 0; i < pairs; i++) {
            long[] answer = java.ask(question);
            ofJava.add((double) answer[0] / buffers);
            bytes += (double) answer[1] / buffers / pairs;
            ofC.add((double) c.ask(question)[0] / buffers);
        }
        return new RingRow(setting, batch, ofJava, ofC, bytes);
    }

    private String question(RingSetting setting, int batch) {
        return "bursts " + setting.ring() + " " + batch + " " + buffers;
    }
}
