package dev.postern.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.quirks.decision.Circumstances;
import dev.postern.quirks.decision.Decision;
import dev.postern.quirks.decision.DmaDecision;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class DecideBenchTest {

    @ParameterizedTest
    @EnumSource(DecideInput.class)
    void theBareConditionsAnswerAsTheDecisionDoes(DecideInput input) {
        for (Circumstances each : input.circumstances()) {
            Decision decision = DmaDecision.decide(each.device(), each.platform());
            assertEquals(
                    BareAnswer.of(decision),
                    BareDecision.decide(each.device(), each.platform()),
                    () -> String.join("\n", decision.explanation().lines()));
        }
    }

    @Test
    void theMostIntricatePresetHasCounterfactualsAndRowsThatChangeMuch() {
        Circumstances on = DecideInput.INTRICATE.circumstances().getFirst();
        Decision decision = DmaDecision.decide(on.device(), on.platform());
        assertEquals(DecideInput.mostIntricate(), on.platform().preset().value());
        assertFalse(decision.explanation().counterfactuals().isEmpty());
        assertTrue(
                decision.explanation().trials().stream()
                                .filter(trial -> !trial.effects().isEmpty())
                                .count()
                        >= 3,
                decision.explanation().lines()::toString);
    }

    @Test
    void aTinyBenchmarkOfEveryWorkStarts() throws Exception {
        Pairs pairs = new Pairs(1, 0, 1, 0, 10);
        for (DecideWork work : DecideWork.values()) {
            Paired paired = pairs.measure(DecideBench.class, work.method(), "bare", Map.of("input", "INTRICATE"), 1);
            assertTrue(paired.value() > 0 && paired.bare() > 0, paired.toString());
        }
    }

    @Test
    void resultsComeAsTableAndAsDocument() {
        List<DecideRow> rows = List.of(new DecideRow(
                "plain device on plain",
                "decision with explanation",
                DecideRow.JvmState.WARM,
                new Paired(2000, 100, 1900, 5)));
        assertTrue(
                DecideTable.of(rows).contains("warm       500000         2000          5        100     20.0"),
                DecideTable.of(rows));
        assertEquals("""
            {
              "schema": "postern.bench.decide/1",
              "rows": [
                {"input": "plain device on plain", "work": "decision with explanation", "jvm": "WARM", "perSecond": 500000.0, "ns": 2000.0, "bareNs": 100.0, "overNs": 1900.0, "ratio": 20.000, "error": 5.0}
              ]
            }
            """, DecideDocument.of(rows));
    }
}
