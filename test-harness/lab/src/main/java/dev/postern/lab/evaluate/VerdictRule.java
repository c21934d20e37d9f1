package dev.postern.lab.evaluate;

import java.util.List;

/** One condition under which a cell gets a verdict. Each has a class of its own, so that a sabotage test can remove one. */
sealed interface VerdictRule
        permits PrivateBytesRead,
                WrongBytesRead,
                WrongBytesInImage,
                StrayBytesWritten,
                UnsharedMemoryOpen,
                RequestFailed,
                DeviceNotStarted,
                GuestNotUp,
                ShutdownFailed,
                DeviceDeclined,
                PlanNotCarriedOut {

    /** Every condition, those of the worst verdicts first. */
    static List<VerdictRule> all() {
        return List.of(
                new PrivateBytesRead(),
                new WrongBytesRead(),
                new WrongBytesInImage(),
                new StrayBytesWritten(),
                new UnsharedMemoryOpen(),
                new GuestNotUp(),
                new DeviceNotStarted(),
                new RequestFailed(),
                new ShutdownFailed(),
                new DeviceDeclined(),
                new PlanNotCarriedOut());
    }

    /** The verdict when it is met and nothing worse is. */
    Verdict verdict();

    /** Whether it is met. */
    boolean met(Observation seen);

    /** The facts on which that rests, at least one line when it is met. */
    List<String> evidence(Observation seen);
}
