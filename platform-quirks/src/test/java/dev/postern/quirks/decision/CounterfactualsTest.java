package dev.postern.quirks.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.quirks.QuirkRow;
import dev.postern.quirks.QuirkTable;
import dev.postern.quirks.RowTrial;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What an explanation says would have come without a row is what comes without it. */
final class CounterfactualsTest {

    private static List<ClassedInput> inputs() {
        List<ClassedInput> inputs = new ArrayList<>(ClassedInputs.all());
        for (QuirkRow row : QuirkTable.shipped().rows()) {
            inputs.add(new ClassedInput(row.id(), row.vector().given()));
        }
        return inputs;
    }

    @Test
    void eachIsTheDecisionWithoutItsRowAndRowsWithoutOneChangeNoAnswer() {
        Map<String, QuirkTable> without = new HashMap<>();
        int compared = 0;
        for (ClassedInput input : inputs()) {
            Circumstances asked = input.circumstances();
            Decision decision = DmaDecision.decide(asked.device(), asked.platform());
            List<Counterfactual> expected = new ArrayList<>();
            for (RowTrial trial : decision.explanation().trials()) {
                if (!trial.effects().isEmpty()) {
                    QuirkTable others = without.computeIfAbsent(trial.row().id(), QuirkTable.shipped()::without);
                    Decision other = DmaDecision.decide(asked.device(), asked.platform(), others);
                    if (!Answer.of(other.explanation().steps())
                            .equals(Answer.of(decision.explanation().steps()))) {
                        expected.add(
                                new Counterfactual(trial.row(), other.outcome(), other.accept(), other.coherency()));
                    }
                }
            }
            compared += expected.size();
            assertEquals(expected, decision.explanation().counterfactuals(), input::label);
        }
        assertTrue(compared > 1000, "only " + compared + " counterfactuals were compared");
    }

    @Test
    void trialsAndTheFactsWithoutThemComeToTheSame() {
        for (ClassedInput input : inputs()) {
            Circumstances asked = input.circumstances();
            var known = Circumstances.sheet(asked.device(), asked.platform());
            assertEquals(
                    QuirkTable.shipped().correct(known).facts(),
                    QuirkTable.shipped().correctedFrom(0, known),
                    input::label);
        }
    }

    @Test
    void everyPlatformMeetsEveryOfferAndNoInputComesTwice() {
        List<ClassedInput> all = ClassedInputs.all();
        assertEquals(1920 * 4 + 8 + 64, all.size());
        assertEquals(
                all.size() - 72,
                all.stream().limit(1920 * 4).map(ClassedInput::given).distinct().count());
        assertEquals(
                all.size() - 72,
                all.stream().map(ClassedInput::label).limit(1920 * 4).distinct().count());
    }

    @Test
    void evidenceSaysTheSameTwiceAndIsEqualByItsWords() {
        Circumstances asked = ClassedInputs.coherencies().getLast().circumstances();
        List<Step> steps = DmaDecision.decide(asked.device(), asked.platform())
                .explanation()
                .steps();
        List<Step> again = DmaDecision.decide(asked.device(), asked.platform())
                .explanation()
                .steps();
        assertEquals(steps, again);
        assertEquals(steps.hashCode(), again.hashCode());
        Circumstances other = ClassedInputs.coherencies().getFirst().circumstances();
        assertFalse(steps.equals(DmaDecision.decide(other.device(), other.platform())
                .explanation()
                .steps()));
        assertEquals(
                "offered [VERSION_1, ACCESS_PLATFORM] (usual; ACCESS_PLATFORM by given)",
                Rule.inOrder()
                        .get(1)
                        .evidenceOn(asked.device(), asked.platform())
                        .words());
    }
}
