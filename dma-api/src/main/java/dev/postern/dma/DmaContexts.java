package dev.postern.dma;

import dev.postern.dma.backend.ContextAssembly;
import dev.postern.dma.backend.PoisonedContext;
import dev.postern.memory.FrameAllocator;

/** Opens DMA contexts. It is the only way to get one. */
public final class DmaContexts {

    private DmaContexts() {}

    /**
     * Opens a context that carries out a plan, for a device of which nothing else is known.
     *
     * @param plan from the decision
     * @param memory where coherent buffers and slots come from, and what else the plan needs
     * @param constraints what the device can express; to change them later, close the context and open another
     * @param device what messages call the device, such as {@code blk0}
     * @return the context; the caller closes it
     * @throws DmaMappingException when {@code memory} lacks what the plan needs (a pool, a grant table, the machine's frame numbers),
     *     the device cannot reach it, or no backend carries the plan out
     */
    public static DmaContext open(DmaPlan plan, DmaMemory memory, DmaConstraints constraints, String device) {
        return open(plan, memory, constraints, BounceRules.CAUTIOUS, device);
    }

    /**
     * Opens a context that carries out a plan.
     *
     * @param plan from the decision
     * @param memory where coherent buffers and slots come from, and what else the plan needs
     * @param constraints what the device can express; to change them later, close the context and open another
     * @param rules how a bounced context treats what the device wrote; others have no use for them
     * @param device what messages call the device, such as {@code blk0}
     * @return the context; the caller closes it
     * @throws DmaMappingException when {@code memory} lacks what the plan needs (a pool, a grant table, the machine's frame numbers),
     *     the device cannot reach it, or no backend carries the plan out
     */
    public static DmaContext open(
            DmaPlan plan, DmaMemory memory, DmaConstraints constraints, BounceRules rules, String device) {
        ContextAssembly assembly = new ContextAssembly(memory, constraints, rules, device);
        return switch (plan) {
            case DmaPlan.Direct direct -> assembly.direct(direct);
            case DmaPlan.Granted granted -> assembly.granted(granted);
            case DmaPlan.PageTranslated translated -> assembly.pageTranslated(translated);
            case DmaPlan.Translated _ -> throw withoutBackend(plan, device);
            case DmaPlan.Bounced bounced ->
                switch (bounced.inner()) {
                    case DmaPlan.Direct direct -> assembly.bounced(bounced, direct);
                    case DmaPlan.Granted _ -> assembly.bouncedOverGrants(bounced);
                    case DmaPlan.PageTranslated _ -> assembly.bouncedOverMachinePages(bounced);
                    case DmaPlan.Bounced _ -> throw new IllegalArgumentException("a plan bounces once");
                    case DmaPlan.Translated _ -> throw withoutBackend(plan, device);
                };
        };
    }

    private static DmaMappingException withoutBackend(DmaPlan plan, String device) {
        return new DmaMappingException(
                "%s: no backend carries out the plan \"%s\": take the IOMMU away, or do not offer ACCESS_PLATFORM"
                        .formatted(device, plan.describe()));
    }

    /**
     * Opens a context that is as unkind as the rules of {@link DmaContext} permit, for tests.
     *
     * <p>Its substitute buffers are real RAM, so that it works with every device that takes guest-physical addresses.
     *
     * @param seed decides every choice; the same calls with the same seed do the same
     * @param frames where coherent buffers and substitute buffers come from; borrowed, and its memory must outlive the
     *     context
     * @param constraints what the device can express
     * @param device what messages call the device
     * @return the context; the caller closes it
     */
    public static HostileContext hostile(long seed, FrameAllocator frames, DmaConstraints constraints, String device) {
        return new PoisonedContext(seed, frames, constraints, device);
    }
}
