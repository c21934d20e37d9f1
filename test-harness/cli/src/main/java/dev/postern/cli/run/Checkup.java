package dev.postern.cli.run;

import java.util.List;
import java.util.Optional;

/**
 * What works here.
 *
 * @param machines in the order in which they are shown; the emulated machine is the first
 * @param host what they would run on
 */
public record Checkup(List<Bench> machines, Host host) {

    /** Copies the list. */
    public Checkup {
        machines = List.copyOf(machines);
    }

    /**
     * A machine and whether it works here.
     *
     * @param name as on the command line
     * @param condition whether it works
     * @param what where it is and which version, or what is wrong
     * @param remedy how to get it; empty when it works
     */
    public record Bench(String name, Condition condition, String what, Optional<String> remedy) {}

    /** Whether a machine can be used. */
    public enum Condition {
        /** It can. */
        WORKS,
        /** It is not installed. */
        ABSENT,
        /** It is there and does not do its work. */
        BROKEN
    }

    /**
     * This computer.
     *
     * @param javaVersion of the JDK that runs this
     * @param javaHome where it is
     * @param cores that this process may use
     * @param memoryBytes of RAM, 0 when not known
     * @param freeBytes of RAM that are free now, 0 when not known
     * @param hugePages those of 2 MiB
     */
    public record Host(
            String javaVersion, String javaHome, int cores, long memoryBytes, long freeBytes, HugePagePool hugePages) {}

    /** Whether the machine that needs nothing installed works. */
    public boolean works() {
        return machines.getFirst().condition() == Condition.WORKS;
    }
}
