package dev.postern.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * The result of one way to start, in nanoseconds of real time, but for the processor times.
 *
 * @param cache whether both had an AOT cache
 * @param boots the whole boots, in the order of the pairs
 * @param parses the runs beside them
 * @param bootCpu mean processor time of a boot, on all processors; not a number where it is not known
 * @param parseCpu the same of a run beside them
 */
record BootRow(BootCache cache, List<ProcessRun> boots, List<ProcessRun> parses, double bootCpu, double parseCpu) {

    /** Copies the lists. */
    BootRow {
        boots = List.copyOf(boots);
        parses = List.copyOf(parses);
    }

    /** A quantile of whole boots. */
    double boot(Quantile quantile) {
        return quantile.of(boots.stream().map(ProcessRun::nanos).toList());
    }

    /** A quantile of the time until the first sector had come. */
    double sector(Quantile quantile) {
        return quantile.of(boots.stream().map(ProcessRun::nanosToLine).toList());
    }

    /** A quantile of the runs beside them. */
    double parse(Quantile quantile) {
        return quantile.of(parses.stream().map(ProcessRun::nanos).toList());
    }

    /** A quantile of the ratios of neighbours. */
    double ratio(Quantile quantile) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < boots.size(); i++) {
            ratios.add(boots.get(i).nanos() / parses.get(i).nanos());
        }
        return quantile.of(ratios);
    }

    /** The ratio of processor times. */
    double cpuRatio() {
        return bootCpu / parseCpu;
    }
}
