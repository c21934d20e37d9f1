package dev.postern.boot;

import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaContexts;
import dev.postern.dma.DmaMemory;
import dev.postern.dma.DmaPlan;
import dev.postern.quirks.decision.PlatformFacts;
import dev.postern.quirks.decision.Presets;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.InterruptMode;

/**
 * How to boot.
 *
 * @param platform what surrounds the guest
 * @param interrupts how drivers learn of used buffers
 * @param withheld features that no driver accepts, whatever a device offers
 * @param contexts what opens a device's DMA context
 */
public record BootOptions(
        PlatformFacts platform, InterruptMode interrupts, FeatureSet withheld, ContextOpener contexts) {

    /** The plain platform, MSI-X, every feature, and the contexts of the plan. */
    public static BootOptions defaults() {
        return new BootOptions(Presets.plain(), InterruptMode.MSIX, FeatureSet.EMPTY, DmaContexts::open);
    }

    /** The same with another way of interrupting. */
    public BootOptions withInterrupts(InterruptMode mode) {
        return new BootOptions(platform, mode, withheld, contexts);
    }

    /** The same on another platform. */
    public BootOptions withPlatform(PlatformFacts facts) {
        return new BootOptions(facts, interrupts, withheld, contexts);
    }

    /** The same without some features. */
    public BootOptions withWithheld(FeatureSet features) {
        return new BootOptions(platform, interrupts, features, contexts);
    }

    /** The same with other contexts, such as audited or hostile ones. */
    public BootOptions withContexts(ContextOpener opener) {
        return new BootOptions(platform, interrupts, withheld, opener);
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
