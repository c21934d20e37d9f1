package dev.postern.lab.evaluate;

import dev.postern.boot.BootOptions;
import dev.postern.dma.BounceRules;
import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaMappingException;
import dev.postern.dma.DmaMemory;
import dev.postern.dma.DmaPlan;
import java.util.Optional;

/** Opens contexts as another opener does, and remembers when that could not: then the plan is not carried out. */
final class WatchedOpening implements BootOptions.ContextOpener {

    private final BootOptions.ContextOpener opener;
    private Optional<String> refusal = Optional.empty();

    WatchedOpening(BootOptions.ContextOpener opener) {
        this.opener = opener;
    }

    @Override
    public DmaContext open(
            DmaPlan plan, DmaMemory memory, DmaConstraints constraints, BounceRules rules, String device) {
        try {
            return opener.open(plan, memory, constraints, rules, device);
        } catch (DmaMappingException e) {
            refusal = Optional.of(e.getMessage());
            throw e;
        }
    }

    /** Why no context was opened, in one line; empty when one was, or none was asked for. */
    Optional<String> refusal() {
        return refusal;
    }
}
