package dev.postern.lab.junit;

import dev.postern.boot.BootedGuest;
import dev.postern.boot.DeviceReport;
import dev.postern.facts.Fact;
import dev.postern.quirks.decision.Decision;
import dev.postern.quirks.decision.DeviceFacts;
import dev.postern.quirks.decision.DmaDecision;
import dev.postern.quirks.decision.Presets;
import dev.postern.quirks.decision.ReservedFeature;
import dev.postern.quirks.decision.Strictness;
import org.junit.jupiter.api.extension.ParameterResolutionException;

/**
 * The decision that a boot came to about a device. A report has its story and not the decision itself; since deciding is a pure
 * function, it is made again, and must tell the same story.
 */
final class DecisionOfReport {

    private DecisionOfReport() {}

    static Decision of(BootedGuest guest, Strictness strictness, DeviceReport report) {
        if (report.explanation().isEmpty()) {
            throw new ParameterResolutionException("%s came to no decision: %s".formatted(report.name(), report.why()));
        }
        String source = "report of " + report.name();
        Decision decision = DmaDecision.decide(
                new DeviceFacts(
                        report.name(),
                        Fact.of(ReservedFeature.in(report.offered().low()), source),
                        Fact.of(Long.SIZE, source)),
                Presets.of(guest.platform()).withStrictness(Fact.of(strictness, "@PosternTest")));
        String said = report.explanation().getFirst();
        String again = decision.explanation().lines().getFirst();
        if (!again.equals(said)) {
            throw new IllegalStateException(
                    "the boot decided \"%s\", and now it is \"%s\": take DeviceReport, which has its words"
                            .formatted(said, again));
        }
        return decision;
    }
}
