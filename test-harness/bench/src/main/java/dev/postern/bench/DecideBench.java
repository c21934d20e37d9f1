package dev.postern.bench;

import dev.postern.quirks.QuirkTable;
import dev.postern.quirks.decision.Circumstances;
import dev.postern.quirks.decision.Decision;
import dev.postern.quirks.decision.DeviceFacts;
import dev.postern.quirks.decision.DmaDecision;
import dev.postern.quirks.decision.PlatformFacts;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * What a decision costs with its explanation, against the same answer by a chain of conditions that explains nothing. Finding
 * the facts is left out.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DecideBench {

    /** Near the golden section of the number of classed inputs, and without a common divisor with it: no neighbours in a row. */
    private static final int STRIDE = 4793;

    /** The facts. */
    @State(Scope.Thread)
    public static class Facts {

        /** Which. */
        @Param("PLAIN")
        public DecideInput input;

        private DeviceFacts[] devices;
        private PlatformFacts[] platforms;
        private int at;

        /** Made by the harness. */
        public Facts() {}

        /** Makes the facts, and checks that both ways of deciding agree on all of them. */
        @Setup
        public void open() {
            List<Circumstances> all = input.circumstances();
            devices = all.stream().map(Circumstances::device).toArray(DeviceFacts[]::new);
            platforms = all.stream().map(Circumstances::platform).toArray(PlatformFacts[]::new);
            for (Circumstances each : all) {
                Decision decision = DmaDecision.decide(each.device(), each.platform());
                BareAnswer bare = BareDecision.decide(each.device(), each.platform());
                if (!BareAnswer.of(decision).equals(bare)) {
                    throw new IllegalStateException("the bare answer %s is not that of %s: this measures something else"
                            .formatted(bare, decision.explanation().oneLine()));
                }
            }
        }

        private int next() {
            at = (at + STRIDE) % devices.length;
            return at;
        }
    }

    /** Made by the harness. */
    public DecideBench() {}

    /** The decision, with everything that its explanation is made from. */
    @Benchmark
    public Decision decide(Facts facts) {
        int at = facts.next();
        return DmaDecision.decide(facts.devices[at], facts.platforms[at], QuirkTable.shipped());
    }

    /** The decision and its line for the boot log. */
    @Benchmark
    public String oneLine(Facts facts) {
        return decide(facts).explanation().oneLine();
    }

    /** The decision and its whole story. */
    @Benchmark
    public List<String> lines(Facts facts) {
        return decide(facts).explanation().lines();
    }

    /** The same answer without a word. */
    @Benchmark
    public Object bare(Facts facts) {
        int at = facts.next();
        return BareDecision.decide(facts.devices[at], facts.platforms[at]);
    }
}
