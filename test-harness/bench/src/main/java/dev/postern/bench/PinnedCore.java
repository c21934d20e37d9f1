package dev.postern.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

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
        return pinned(PinnedCore::lastOf);
    }

    /** The first core that this process may use; the last one as well where there is but one. */
    static PinnedCore first() {
        return pinned(PinnedCore::firstOf);
    }

    private static PinnedCore pinned(UnaryOperator<String> choice) {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(":")) {
            Path taskset = Path.of(folder, "taskset");
            if (Files.isExecutable(taskset)) {
                String core = choice.apply(allowed());
                return new PinnedCore(core.isEmpty() ? List.of() : List.of(taskset.toString(), "-c", core));
            }
        }
        return new PinnedCore(List.of());
    }

    /** Of a list such as {@code 0-3,6}. */
    static String firstOf(String list) {
        return list.split("[,-]")[0];
    }

    /** Of a list such as {@code 0-3,6}. */
    static String lastOf(String list) {
        return list.substring(Math.max(list.lastIndexOf(','), list.lastIndexOf('-')) + 1);
    }

    private static String allowed() {
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith(ALLOWED))
                    .map(line -> line.substring(ALLOWED.length()).strip())
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

    /** The core's number; empty where nothing pins. */
    String number() {
        return prefix.isEmpty() ? "" : prefix.getLast();
    }

    /** In words. */
    String words() {
        return prefix.isEmpty() ? "not pinned (no taskset)" : "both pinned to core " + prefix.getLast();
    }
}
