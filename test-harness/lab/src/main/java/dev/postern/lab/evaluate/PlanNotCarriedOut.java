package dev.postern.lab.evaluate;

import java.util.List;

/** The guest has a plan for the device that nothing here carries out, and leaves it alone. */
final class PlanNotCarriedOut implements VerdictRule {

    @Override
    public Verdict verdict() {
        return Verdict.REFUSED;
    }

    @Override
    public boolean met(Observation seen) {
        return seen.bringUp() instanceof BringUp.PlanWithoutBackend;
    }

    @Override
    public List<String> evidence(Observation seen) {
        return seen.bringUp() instanceof BringUp.PlanWithoutBackend(String why) ? List.of(why) : List.of();
    }
}
