package dev.postern.boot;

import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaContexts;
import dev.postern.dma.DmaMemory;
import dev.postern.dma.DmaPlan;
import dev.postern.quirks.decision.Strictness;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.InterruptMode;
import java.util.Optional;

/**
 * How to boot.
 *
 * @param interrupts how drivers learn of used buffers
 * @param withheld features that no driver accepts, whatever a device offers
 * @param strictness whether a device is served that a secure guest could only serve with reservations
 * @param forced a plan in place of the decision's
 * @param pool how large the bounce pool is, where one is needed
 * @param contexts what opens a device's DMA context
 */
public record BootOptions(
        InterruptMode interrupts,
        FeatureSet withheld,
        Strictness strictness,
        Optional<ForcedPlan> forced,
        PoolSize pool,
        ContextOpener contexts) {

    /** MSI-X, every feature, the plan of the decision and its contexts. */
    public static BootOptions defaults() {
        return new BootOptions(
                InterruptMode.MSIX,
                FeatureSet.EMPTY,
                Strictness.SERVE,
                Optional.empty(),
                PoolSize.DEFAULT,
                DmaContexts::open);
    }

    /** The same with another way of interrupting. */
    public BootOptions withInterrupts(InterruptMode mode) {
        return new BootOptions(mode, withheld, strictness, forced, pool, contexts);
    }

    /** The same without some features. */
    public BootOptions withWithheld(FeatureSet features) {
        return new BootOptions(interrupts, features, strictness, forced, pool, contexts);
    }

    /** The same, strictly or not. */
    public BootOptions withStrictness(Strictness wanted) {
        return new BootOptions(interrupts, withheld, wanted, forced, pool, contexts);
    }

    /** The same with a plan in place of the decision's. */
    public BootOptions withForced(ForcedPlan plan) {
        return new BootOptions(interrupts, withheld, strictness, Optional.of(plan), pool, contexts);
    }

    /** The same with another bounce pool. */
    public BootOptions withPool(PoolSize size) {
        return new BootOptions(interrupts, withheld, strictness, forced, size, contexts);
    }

    /** The same with other contexts, such as audited or hostile ones. */
    public BootOptions withContexts(ContextOpener opener) {
        return new BootOptions(interrupts, withheld, strictness, forced, pool, opener);
    }

    /** Opens the context that a decision asks for. */
    @FunctionalInterface
    public interface ContextOpener {
        /**
         * Opens a context for one device; the guest closes it after the device.
         *
         * @param device name of the device
         */
        DmaContext open(DmaPlan plan, DmaMemory memory, DmaConstraints constraints, String device);
    }
}
