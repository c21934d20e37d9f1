package dev.postern.lab.evaluate;

import java.util.List;

/** The guest could not be shut down as it should. */
final class ShutdownFailed implements VerdictRule {

    @Override
    public Verdict verdict() {
        return Verdict.FAILS;
    }

    @Override
    public boolean met(Observation seen) {
        return !seen.shutdownTrouble().isEmpty();
    }

    @Override
    public List<String> evidence(Observation seen) {
        return seen.shutdownTrouble();
    }
}
