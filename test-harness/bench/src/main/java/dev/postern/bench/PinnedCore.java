package dev.postern.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The core that both sides of a pair run on, in turns.
 *
 * @param prefix what pins a program, put before its words; empty where there is no taskset
 */
record PinnedCore(List<String> prefix) {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String ALLOWED = "Cpus_allowed_list:";

    /** The last core that this process may use: the first is the busiest by custom. */
    static PinnedCore last() {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(":")) {
            Path taskset = Path.of(folder, "taskset");
            if (Files.isExecutable(taskset)) {
                String core = lastAllowed();
                return new PinnedCore(core.isEmpty() ? List.of() : List.of(taskset.toString(), "-c", core));
            }
        }
        return new PinnedCore(List.of());
    }

    private static String lastAllowed() {
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith(ALLOWED))
                    .map(line -> line.substring(ALLOWED.length()).strip())
                    .map(list -> list.substring(Math.max(list.lastIndexOf(','), list.lastIndexOf('-')) + 1))
                    .findFirst()
                    .orElse("");
        } catch (IOException e) {
            return "";
        }
    }

    /** The words of a program, pinned. */
    List<String> with(List<String> words) {
        List<String> all = new ArrayList<>(prefix);
        all.addAll(words);
        return all;
    }

    /** In words. */
    String words() {
        return prefix.isEmpty() ? "not pinned (no taskset)" : "both pinned to core " + prefix.getLast();
    }
}
