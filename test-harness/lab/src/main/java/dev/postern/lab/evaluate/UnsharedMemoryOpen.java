package dev.postern.lab.evaluate;

import java.util.List;

/** Something is there to keep memory from the device, and the device can read what the guest did not share. */
final class UnsharedMemoryOpen implements VerdictRule {

    @Override
    public Verdict verdict() {
        return Verdict.UNPROTECTED;
    }

    @Override
    public boolean met(Observation seen) {
        return seen.promise() != MemoryPromise.OPEN && !seen.openMemory().isEmpty();
    }

    @Override
    public List<String> evidence(Observation seen) {
        return seen.openMemory();
    }
}
