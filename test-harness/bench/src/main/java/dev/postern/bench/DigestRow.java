package dev.postern.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * One kind of work on an image, on the emulated machine and by a FileChannel, in turns.
 *
 * @param work what is done with the bytes
 * @param bytes of the image
 * @param guests the boots, in the order of the pairs
 * @param files the runs beside them
 */
record DigestRow(StreamWork work, long bytes, List<StreamRun> guests, List<StreamRun> files) {

    private static final double MIB = 1 << 20;
    private static final double SECOND = 1e9;

    /** Copies the lists. */
    DigestRow {
        guests = List.copyOf(guests);
        files = List.copyOf(files);
    }

    /** A quantile of the ratios of whole processes that are neighbours. */
    double ratio(Quantile quantile) {
        return quantile.of(ratios(StreamRun::nanos));
    }

    /** The same without the start of either process. */
    double streamRatio(Quantile quantile) {
        return quantile.of(ratios(StreamRun::streamNanos));
    }

    /** Median of whole boots, in nanoseconds. */
    double guestNanos() {
        return Quantile.MEDIAN.of(guests.stream().map(StreamRun::nanos).toList());
    }

    /** Median of the runs beside them, in nanoseconds. */
    double fileNanos() {
        return Quantile.MEDIAN.of(files.stream().map(StreamRun::nanos).toList());
    }

    /** Through the drivers, in MiB per second, without the start. */
    double guestRate() {
        return rate(guests);
    }

    /** By the FileChannel, in MiB per second, without the start. */
    double fileRate() {
        return rate(files);
    }

    private double rate(List<StreamRun> runs) {
        return bytes
                / MIB
                / (Quantile.MEDIAN.of(runs.stream().map(StreamRun::streamNanos).toList()) / SECOND);
    }

    private List<Double> ratios(ToDoubleFunction<StreamRun> time) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < guests.size(); i++) {
            ratios.add(time.applyAsDouble(guests.get(i)) / time.applyAsDouble(files.get(i)));
        }
        return ratios;
    }
}
