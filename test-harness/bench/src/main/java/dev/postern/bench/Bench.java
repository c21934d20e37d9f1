package dev.postern.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.runner.RunnerException;

/** The benchmarks as a command: {@code bench dma [--json] [--quick]}. */
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
        boolean quick = options.remove("--quick");
        if (!options.equals(List.of("dma"))) {
            err.println("bench: cannot run %s: call it as bench dma [--json] [--quick]".formatted(args));
            return WRONG_CALL;
        }
        List<DmaRow> rows = new ArrayList<>();
        try {
            List<DmaCase> cases = quick ? DmaCase.quick() : DmaCase.all();
            for (DmaCase each : cases) {
                showProgress(err, rows.size(), cases.size());
                rows.add((quick ? DmaPairs.QUICK : DmaPairs.THOROUGH).measure(each));
            }
            showProgress(err, rows.size(), cases.size());
        } catch (RunnerException e) {
            err.println("bench: " + e.getMessage());
            return FAILED;
        }
        out.print(json ? DmaDocument.of(rows) : DmaTable.of(rows));
        return DONE;
    }

    /** On a terminal only. */
    private static void showProgress(PrintStream err, int done, int all) {
        if (System.console() != null && System.console().isTerminal()) {
            err.printf("\rbench: %d of %d%s", done, all, done == all ? "\n" : "");
        }
    }
}
