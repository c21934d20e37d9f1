package dev.postern.lab.evaluate;

import java.util.List;

/** A request was not done, and the guest was told. */
final class RequestFailed implements VerdictRule {

    @Override
    public Verdict verdict() {
        return Verdict.FAILS;
    }

    @Override
    public boolean met(Observation seen) {
        return !seen.failedRequests().isEmpty();
    }

    @Override
    public List<String> evidence(Observation seen) {
        return seen.failedRequests();
    }
}
