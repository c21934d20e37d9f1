package dev.postern.lab.evaluate;

import java.util.List;

/** The image is not what was reported as written. */
final class WrongBytesInImage implements VerdictRule {

    @Override
    public Verdict verdict() {
        return Verdict.CORRUPTS;
    }

    @Override
    public boolean met(Observation seen) {
        return !seen.wrongImage().isEmpty();
    }

    @Override
    public List<String> evidence(Observation seen) {
        return seen.wrongImage();
    }
}
