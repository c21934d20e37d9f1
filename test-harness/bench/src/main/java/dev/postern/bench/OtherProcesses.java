package dev.postern.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What other processes took of the processors, as far as they were there at the end.
 *
 * @param seconds by name of the program, the busiest first
 */
record OtherProcesses(List<Share> seconds) {

    private static final int MOST = 3;
    private static final double TICKS_PER_SECOND = 100;
    private static final double WORTH_NAMING = 0.1;
    /** Fields behind the name, see proc_pid_stat(5): user and system time. */
    private static final int USER = 11;

    /** Copies the list. */
    OtherProcesses {
        seconds = List.copyOf(seconds);
    }

    /**
     * What a program took.
     *
     * @param name of the program
     * @param seconds of processor time, over all processes of that name
     */
    record Share(String name, double seconds) {}

    /** What each process has taken so far, by process id, in ticks; not this JVM and what it started. */
    static Map<Long, Taken> now() {
        Set<Long> own =
                ProcessHandle.current().descendants().map(ProcessHandle::pid).collect(Collectors.toSet());
        own.add(ProcessHandle.current().pid());
        Map<Long, Taken> all = new HashMap<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path folder : folders) {
                long pid = Long.parseLong(folder.getFileName().toString());
                if (!own.contains(pid)) {
                    read(folder, pid, all);
                }
            }
        } catch (IOException e) {
            return Map.of();
        }
        return all;
    }

    private static void read(Path folder, long pid, Map<Long, Taken> all) {
        try {
            all.put(pid, Taken.of(Files.readString(folder.resolve("stat"))));
        } catch (IOException e) {
            // It has ended meanwhile.
            all.remove(pid);
        }
    }

    /** Since an earlier look. */
    static OtherProcesses since(Map<Long, Taken> before) {
        Map<String, Double> byName = new HashMap<>();
        now().forEach((pid, taken) -> {
            Taken then = before.get(pid);
            long ticks = taken.ticks() - (then != null && then.name().equals(taken.name()) ? then.ticks() : 0);
            byName.merge(taken.name(), ticks / TICKS_PER_SECOND, Double::sum);
        });
        return new OtherProcesses(byName.entrySet().stream()
                .map(entry -> new Share(entry.getKey(), entry.getValue()))
                .filter(share -> share.seconds() >= WORTH_NAMING)
                .sorted(Comparator.comparingDouble(Share::seconds).reversed())
                .limit(MOST)
                .toList());
    }

    /** For a person. */
    String words() {
        return seconds.isEmpty()
                ? "no other process took a tenth of a second"
                : seconds.stream()
                        .map(share -> String.format(Locale.ROOT, "%s %.1f s", share.name(), share.seconds()))
                        .collect(Collectors.joining(", ", "other processes still there took: ", ""));
    }

    /**
     * What one process has taken.
     *
     * @param name of its program
     * @param ticks of processor time
     */
    record Taken(String name, long ticks) {

        /** From the line of the kernel; the name may hold anything, a parenthesis too. */
        static Taken of(String stat) {
            int end = stat.lastIndexOf(')');
            String[] fields = stat.substring(end + 1).strip().split(" ");
            return new Taken(
                    stat.substring(stat.indexOf('(') + 1, end),
                    Long.parseLong(fields[USER]) + Long.parseLong(fields[USER + 1]));
        }
    }
}
