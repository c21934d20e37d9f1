package dev.postern.bench;

import java.lang.management.ManagementFactory;
import java.util.Locale;

/**
 * What else the computer did.
 *
 * @param before runnable threads, averaged over the minute before the benchmark; negative when not known
 * @param after the same at its end, the benchmark's own among them
 * @param processors how many there are
 */
record MachineLoad(double before, double after, int processors) {

    /** The average now. */
    static double now() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    /** From then until now. */
    static MachineLoad since(double before) {
        return new MachineLoad(before, now(), Runtime.getRuntime().availableProcessors());
    }

    /** In words. */
    String words() {
        return String.format(
                Locale.ROOT, "load %.1f before and %.1f after on %d processors", before, after, processors);
    }
}
