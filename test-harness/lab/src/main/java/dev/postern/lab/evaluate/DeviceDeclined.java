package dev.postern.lab.evaluate;

import java.util.List;

/** The guest decided to leave the device alone. */
final class DeviceDeclined implements VerdictRule {

    @Override
    public Verdict verdict() {
        return Verdict.REFUSED;
    }

    @Override
    public boolean met(Observation seen) {
        return seen.bringUp() instanceof BringUp.Declined;
    }

    @Override
    public List<String> evidence(Observation seen) {
        return seen.bringUp() instanceof BringUp.Declined(String why) ? List.of(why) : List.of();
    }
}
