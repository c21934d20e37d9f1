package dev.postern.lab.evaluate;

import java.util.List;

/** The guest counts on its memory being kept from the device, and the device read canaries there. */
final class PrivateBytesRead implements VerdictRule {

    @Override
    public Verdict verdict() {
        return Verdict.LEAKS;
    }

    @Override
    public boolean met(Observation seen) {
        return seen.promise() == MemoryPromise.KEPT && !seen.privateReads().isEmpty();
    }

    @Override
    public List<String> evidence(Observation seen) {
        return seen.privateReads();
    }
}
