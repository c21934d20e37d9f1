package dev.postern.lab.evaluate;

import java.util.List;

/** No guest came up. */
final class GuestNotUp implements VerdictRule {

    @Override
    public Verdict verdict() {
        return Verdict.FAILS;
    }

    @Override
    public boolean met(Observation seen) {
        return seen.bringUp() instanceof BringUp.NoGuest;
    }

    @Override
    public List<String> evidence(Observation seen) {
        return seen.bringUp() instanceof BringUp.NoGuest(String why) ? List.of(why) : List.of();
    }
}
