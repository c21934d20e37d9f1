package dev.postern.lab.evaluate;

import java.util.List;

/** The device broke while it was brought up. */
final class DeviceNotStarted implements VerdictRule {

    @Override
    public Verdict verdict() {
        return Verdict.FAILS;
    }

    @Override
    public boolean met(Observation seen) {
        return seen.bringUp() instanceof BringUp.NotStarted;
    }

    @Override
    public List<String> evidence(Observation seen) {
        return seen.bringUp() instanceof BringUp.NotStarted(String why) ? List.of(why) : List.of();
    }
}
