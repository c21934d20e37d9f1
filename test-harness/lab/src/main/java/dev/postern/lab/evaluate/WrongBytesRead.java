package dev.postern.lab.evaluate;

import java.util.List;

/** A read was reported as done, and its bytes are not those of the image. */
final class WrongBytesRead implements VerdictRule {

    @Override
    public Verdict verdict() {
        return Verdict.CORRUPTS;
    }

    @Override
    public boolean met(Observation seen) {
        return !seen.wrongReads().isEmpty();
    }

    @Override
    public List<String> evidence(Observation seen) {
        return seen.wrongReads();
    }
}
