package dev.postern.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;

/** The processor time of the children of this process that have ended, as the kernel counts it. */
final class ChildTime {

    private static final Path STAT = Path.of("/proc/self/stat");
    /** Linux counts in hundredths of a second here on every architecture that Java runs on. */
    private static final double NANOS_PER_TICK = 1e7;
    /** Fields after the name of the program: the third field of the line is the first of these. */
    private static final int USER = 13;

    private ChildTime() {}

    /** In nanoseconds, in steps of 10 ms; empty where the kernel does not say. */
    static OptionalDouble nanos() {
        try {
            return nanos(Files.readString(STAT));
        } catch (IOException e) {
            return OptionalDouble.empty();
        }
    }

    /** From the line of the kernel, see proc_pid_stat(5): fields 16 and 17, after a name that may hold anything. */
    static OptionalDouble nanos(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
        return fields.length <= USER + 1
                ? OptionalDouble.empty()
                : OptionalDouble.of((Long.parseLong(fields[USER]) + Long.parseLong(fields[USER + 1])) * NANOS_PER_TICK);
    }
}
