package dev.postern.bus.pci;

/** A function has an owner already. The message names both. */
public final class PciAlreadyClaimedException extends PciException {

    private static final long serialVersionUID = 1;

    private final String owner;

    PciAlreadyClaimedException(PciFunction function, String owner, String second) {
        super("PCI %s belongs to %s, so %s cannot have it: close the first claim".formatted(function, owner, second));
        this.owner = owner;
    }

    /** Who has the function. */
    public String owner() {
        return owner;
    }
}
