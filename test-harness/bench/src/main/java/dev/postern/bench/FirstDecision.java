package dev.postern.bench;

import dev.postern.dma.DmaPlan;
import dev.postern.facts.Fact;
import dev.postern.quirks.decision.DeviceFacts;
import dev.postern.quirks.decision.DmaDecision;
import dev.postern.quirks.decision.Outcome;
import dev.postern.quirks.decision.Presets;
import dev.postern.quirks.decision.ReservedFeature;
import java.util.Set;

/** The first decision of a JVM, timed from the first line of its program: classes and rows are loaded in that time. */
final class FirstDecision {

    private FirstDecision() {}

    /**
     * Decides once on a plain device on the plain preset, and prints the nanoseconds that it took.
     *
     * @param args {@code bare}, or the name of a method of {@link DecideBench}
     */
    public static void main(String[] args) {
        long start = System.nanoTime();
        DeviceFacts device =
                new DeviceFacts("blk0", Fact.of(Set.of(ReservedFeature.VERSION_1), "bench"), Fact.of(64, "bench"));
        boolean direct = switch (args[0]) {
            case "bare" -> BareDecision.decide(device, Presets.plain()).outcome() == BareOutcome.DIRECT;
            case "decide" ->
                DmaDecision.decide(device, Presets.plain())
                        .outcome()
                        .equals(new Outcome.Proceed(new DmaPlan.Direct(0)));
            case "oneLine" ->
                DmaDecision.decide(device, Presets.plain())
                        .explanation()
                        .oneLine()
                        .startsWith("blk0: Direct,");
            case "lines" ->
                DmaDecision.decide(device, Presets.plain())
                        .explanation()
                        .lines()
                        .contains("blk0 on platform plain: Direct");
            default -> throw new IllegalArgumentException("no work is called " + args[0]);
        };
        long nanos = System.nanoTime() - start;
        if (!direct) {
            throw new IllegalStateException("a plain device on plain is not Direct");
        }
        System.out.println(nanos);
    }
}
