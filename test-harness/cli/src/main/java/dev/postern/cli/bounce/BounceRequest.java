package dev.postern.cli.bounce;

import dev.postern.boot.ForcedPlan;
import dev.postern.cli.run.BootRequest;
import java.time.Duration;
import java.util.Optional;

/**
 * All that a call of {@code postern bounce} asks for.
 *
 * @param boot the guest and its machine; runs no application
 * @param forced a plan in place of the decision's
 * @param deadline how long a disk may take for one request
 * @param control whether a leak is made on purpose
 */
public record BounceRequest(BootRequest boot, Optional<ForcedPlan> forced, Duration deadline, LeakControl control) {

    /** Whether a leak is made on purpose, for the search to find. */
    public enum LeakControl {
        /** No. */
        NONE,
        /** A canary is copied into a shared page. */
        SHARE_A_CANARY
    }

    /** Whether the disks are to be read through the pool. */
    public boolean bounces() {
        return forced.isEmpty() || forced.get() == ForcedPlan.BOUNCED;
    }
}
