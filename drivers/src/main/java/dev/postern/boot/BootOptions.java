package dev.postern.boot;

import dev.postern.dma.BounceRules;
import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaContexts;
import dev.postern.dma.DmaMemory;
import dev.postern.dma.DmaPlan;
import dev.postern.quirks.FactSheet;
import dev.postern.quirks.QuirkTable;
import dev.postern.quirks.decision.Strictness;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.queue.QueueOptions;
import java.util.Optional;

/**
 * How to boot.
 *
 * @param interrupts how drivers learn of used buffers
 * @param withheld features that no driver accepts, whatever a device offers
 * @param strictness whether a device is served that a secure guest could only serve with reservations
 * @param forced a plan in place of the decision's
 * @param pool how large the bounce pool is, where one is needed; empty for what suits the platform
 * @param contexts what opens a device's DMA context
 * @param quirks the rows that correct what is found
 * @param claims facts that whoever boots vouches for; they count for every device, whatever was found
 * @param queues whose code queues run. Specialised ones pay where a guest lives long enough: the first takes as long to make as a boot
 */
public record BootOptions(
        InterruptMode interrupts,
        FeatureSet withheld,
        Strictness strictness,
        Optional<ForcedPlan> forced,
        Optional<PoolSize> pool,
        ContextOpener contexts,
        QuirkTable quirks,
        FactSheet claims,
        QueueOptions.Code queues) {

    /** MSI-X, every feature, the plan of the decision and its contexts, plain queues. */
    public static BootOptions defaults() {
        return new BootOptions(
                InterruptMode.MSIX,
                FeatureSet.EMPTY,
                Strictness.SERVE,
                Optional.empty(),
                Optional.empty(),
                DmaContexts::open,
                QuirkTable.shipped(),
                FactSheet.EMPTY,
                QueueOptions.Code.PLAIN);
    }

    /** The same with another way of interrupting. */
    public BootOptions withInterrupts(InterruptMode mode) {
        return new BootOptions(mode, withheld, strictness, forced, pool, contexts, quirks, claims, queues);
    }

    /** The same without some features. */
    public BootOptions withWithheld(FeatureSet features) {
        return new BootOptions(interrupts, features, strictness, forced, pool, contexts, quirks, claims, queues);
    }

    /** The same, strictly or not. */
    public BootOptions withStrictness(Strictness wanted) {
        return new BootOptions(interrupts, withheld, wanted, forced, pool, contexts, quirks, claims, queues);
    }

    /** The same with a plan in place of the decision's. */
    public BootOptions withForced(ForcedPlan plan) {
        return new BootOptions(
                interrupts, withheld, strictness, Optional.of(plan), pool, contexts, quirks, claims, queues);
    }

    /** The same with another bounce pool. */
    public BootOptions withPool(PoolSize size) {
        return new BootOptions(
                interrupts, withheld, strictness, forced, Optional.of(size), contexts, quirks, claims, queues);
    }

    /** The same with other contexts, such as audited or hostile ones. */
    public BootOptions withContexts(ContextOpener opener) {
        return new BootOptions(interrupts, withheld, strictness, forced, pool, opener, quirks, claims, queues);
    }

    /** The same with other quirk rows. */
    public BootOptions withQuirks(QuirkTable table) {
        return new BootOptions(interrupts, withheld, strictness, forced, pool, contexts, table, claims, queues);
    }

    /** The same with facts that whoever boots vouches for. */
    public BootOptions withClaims(FactSheet facts) {
        return new BootOptions(interrupts, withheld, strictness, forced, pool, contexts, quirks, facts, queues);
    }

    /** The same with other code in its queues. */
    public BootOptions withQueues(QueueOptions.Code code) {
        return new BootOptions(interrupts, withheld, strictness, forced, pool, contexts, quirks, claims, code);
    }

    /** Opens the context that a decision asks for. */
    @FunctionalInterface
    public interface ContextOpener {
        /**
         * Opens a context for one device; the guest closes it after the device.
         *
         * @param rules how a bounced context treats what the device wrote
         * @param device name of the device
         */
        DmaContext open(DmaPlan plan, DmaMemory memory, DmaConstraints constraints, BounceRules rules, String device);
    }
}
