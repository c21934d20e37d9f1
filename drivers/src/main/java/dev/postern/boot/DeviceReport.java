package dev.postern.boot;

import dev.postern.quirks.decision.Decision;
import dev.postern.virtio.DeviceType;
import dev.postern.virtio.FeatureSet;
import java.util.List;
import java.util.Optional;

/**
 * What became of one virtio device.
 *
 * @param name such as {@code blk0}
 * @param location such as {@code pci 00:03.0}
 * @param type what it is; its name is the driver's
 * @param outcome whether it runs
 * @param plan how its memory accesses are arranged, such as {@code Direct}; {@code none} when there is no plan
 * @param why one line: the rule that decided, or what went wrong
 * @param decision what was decided and why; empty when it did not come to a decision
 * @param offered features the device offers
 * @param accepted features agreed on
 * @param details one line about the live device, such as its size; empty unless it runs
 */
public record DeviceReport(
        String name,
        String location,
        DeviceType type,
        Result outcome,
        String plan,
        String why,
        Optional<Decision> decision,
        FeatureSet offered,
        FeatureSet accepted,
        Optional<String> details) {

    /** Whether a device runs. */
    public enum Result {
        /** It is live. */
        DRIVEN,
        /** The decision, or the device by what it offers, rules out driving it. */
        REFUSED,
        /** It waits for its IOMMU, which does not come up. */
        DEFERRED,
        /** It broke while it was brought up. */
        FAILED,
        /** Nobody here can drive a device of its type. */
        NO_DRIVER
    }

    /** Every rule and row that was tried, line by line; empty when it did not come to a decision. */
    public List<String> explanation() {
        return decision.map(made -> made.explanation().lines()).orElse(List.of());
    }
}
