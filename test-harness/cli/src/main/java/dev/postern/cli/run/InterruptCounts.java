package dev.postern.cli.run;

import dev.postern.interrupt.InterruptRouter;
import dev.postern.interrupt.LatchVector;
import dev.postern.interrupt.LineVector;
import dev.postern.interrupt.MessageVector;

/**
 * Interrupts that the guest served.
 *
 * @param messages that devices wrote
 * @param lines that devices held
 * @param trips of eventfds, by processes behind channels
 */
public record InterruptCounts(long messages, long lines, long trips) {

    /** None yet. */
    public static final InterruptCounts NONE = new InterruptCounts(0, 0, 0);

    /** The sums over all vectors that are open. */
    static InterruptCounts of(InterruptRouter router) {
        return new InterruptCounts(
                router.messages().stream().mapToLong(MessageVector::count).sum(),
                router.lines().stream().mapToLong(LineVector::count).sum(),
                router.latches().stream().mapToLong(LatchVector::count).sum());
    }

    /** All of them. */
    public long all() {
        return messages + lines + trips;
    }
}
