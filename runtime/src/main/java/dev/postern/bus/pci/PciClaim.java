package dev.postern.bus.pci;

/**
 * The exclusive right to drive a function, from {@link PciFunction#claim} until closed. Only one claim is open at a time.
 */
public final class PciClaim implements AutoCloseable {

    private final PciFunction function;
    private final String owner;

    PciClaim(PciFunction function, String owner) {
        this.function = function;
        this.owner = owner;
    }

    /** What is claimed. */
    public PciFunction function() {
        return function;
    }

    /** Who claimed it. */
    public String owner() {
        return owner;
    }

    /** Gives the function back; the owner has quiesced it before. Safe to call twice. */
    @Override
    public void close() {
        function.released(this);
    }
}
