package dev.postern.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the kernel says of cores that were busy with somebody else; 0 where it does not say. */
final class CoreWait {

    private static final Path OWN = Path.of("/proc/thread-self/schedstat");
    private static final Path STAT = Path.of("/proc/stat");
    private static final double NANOS_PER_TICK = 1e7;
    /** The field of a line of proc_stat(5), its name the first. */
    private static final int STEAL = 8;

    private CoreWait() {}

    /** How long the calling thread could have run and had no core, ever, in nanoseconds. */
    static long ofThread() {
        return of(OWN);
    }

    /** The same of the first thread of a process. */
    static long ofProcess(long pid) {
        return of(Path.of("/proc/%d/schedstat".formatted(pid)));
    }

    /** Documentation/scheduler/sched-stats.rst: time on the core, time waited for one, and how often it ran. */
    private static long of(Path file) {
        try {
            return Long.parseLong(Files.readString(file).strip().split(" ")[1]);
        } catch (IOException e) {
            return 0;
        }
    }

    /** How long all cores were taken by the host, ever, in nanoseconds and in steps of 10 ms. */
    static double stolenNanos() {
        try {
            return stolenNanos(Files.readString(STAT));
        } catch (IOException e) {
            return 0;
        }
    }

    static double stolenNanos(String stat) {
        String[] fields = stat.lines().findFirst().orElse("").split(" +");
        return fields.length > STEAL ? Long.parseLong(fields[STEAL]) * NANOS_PER_TICK : 0;
    }
}
