package dev.postern.lab.evaluate;

import java.util.List;

/** Memory changed that no request named. */
final class StrayBytesWritten implements VerdictRule {

    @Override
    public Verdict verdict() {
        return Verdict.CORRUPTS;
    }

    @Override
    public boolean met(Observation seen) {
        return !seen.strayWrites().isEmpty();
    }

    @Override
    public List<String> evidence(Observation seen) {
        return seen.strayWrites();
    }
}
