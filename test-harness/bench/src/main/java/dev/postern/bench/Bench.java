package dev.postern.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.runner.RunnerException;

/** The benchmarks as a command: {@code bench NAME [--json] [--quick]}. */
public final class Bench {

    private static final int DONE = 0;
    private static final int FAILED = 1;
    private static final int WRONG_CALL = 2;

    private Bench() {}

    /** Runs it and ends the JVM: 0 done, 1 a benchmark failed, 2 the call was wrong. */
    public static void main(String[] args) {
        System.exit(run(List.of(args), System.out, System.err));
    }

    static int run(List<String> args, PrintStream out, PrintStream err) {
        List<String> options = new ArrayList<>(args);
        boolean json = options.remove("--json");
        Effort effort = options.remove("--quick") ? Effort.QUICK : Effort.THOROUGH;
        Map<String, Benchmark> benchmarks = Benchmark.all();
        if (options.size() != 1 || !benchmarks.containsKey(options.getFirst())) {
            err.println("bench: cannot run %s: call it as bench %s [--json] [--quick]"
                    .formatted(args, String.join("|", benchmarks.keySet())));
            return WRONG_CALL;
        }
        try {
            Report report = benchmarks.get(options.getFirst()).run(effort, (done, all) -> showProgress(err, done, all));
            out.print(json ? report.document() : report.table());
            return DONE;
        } catch (RunnerException | IOException e) {
            err.println("bench: " + e.getMessage());
        } catch (InterruptedException e) {
            err.println("bench: interrupted");
        }
        return FAILED;
    }

    /** On a terminal only. */
    private static void showProgress(PrintStream err, int done, int all) {
        if (System.console() != null && System.console().isTerminal()) {
            err.printf("\rbench: %d of %d%s", done, all, done == all ? "\n" : "");
        }
    }
}
