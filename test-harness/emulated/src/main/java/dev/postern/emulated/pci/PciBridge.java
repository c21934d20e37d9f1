package dev.postern.emulated.pci;

/**
 * A PCI-to-PCI bridge: bus numbers, a memory window and a 64-bit prefetchable window, all programmed by software (PCI to
 * PCI Bridge 1.2, 3.2). There is no I/O window. Nothing behind it answers before it is programmed.
 */
public final class PciBridge extends PciFunction {

    private static final int SECONDARY = 0x19;
    private static final int SUBORDINATE = 0x1a;
    private static final int MEMORY_BASE = 0x20;
    private static final int MEMORY_LIMIT = 0x22;
    private static final int PREFETCH_BASE = 0x24;
    private static final int PREFETCH_LIMIT = 0x26;
    private static final int PREFETCH_BASE_HIGH = 0x28;
    private static final int PREFETCH_LIMIT_HIGH = 0x2c;
    private static final int CONTROL = 0x3e;
    private static final int CONTROL_BUS_RESET = 0x40;
    private static final int RED_HAT = 0x1b36;
    private static final int MEGABYTE = 1 << 20;

    private final BridgeKind kind;
    private final PciBus secondaryBus;

    /** A bridge that software has not programmed yet. */
    public PciBridge(String id, BridgeKind kind) {
        super(
                id,
                new PciIdentity(RED_HAT, kind.device(), 0x060400, 0),
                kind == BridgeKind.ROOT_PORT ? Connection.EXPRESS : Connection.CONVENTIONAL);
        this.kind = kind;
        this.secondaryBus = PciBus.behind(this);
        config().set(0x0e, 1, 1);
        config().allow(0x18, 4, 0xff_ffffff);
        config().allow(MEMORY_BASE, 2, 0xfff0);
        config().allow(MEMORY_LIMIT, 2, 0xfff0);
        config().set(PREFETCH_BASE, 2, 1);
        config().set(PREFETCH_LIMIT, 2, 1);
        config().allow(PREFETCH_BASE, 2, 0xfff0);
        config().allow(PREFETCH_LIMIT, 2, 0xfff0);
        config().allow(PREFETCH_BASE_HIGH, 4, -1);
        config().allow(PREFETCH_LIMIT_HIGH, 4, -1);
        config().allow(CONTROL, 2, 0x0f43);
        if (kind == BridgeKind.ROOT_PORT) {
            int express = addExpressCapability(ExpressPort.ROOT_PORT);
            // Slot capabilities carry a slot number; slot status says whether a card is present, set on attach.
            config().set(express + 20, 4, 1 << 19);
        }
    }

    /** What sort of bridge. */
    public BridgeKind kind() {
        return kind;
    }

    /** The bus behind. */
    public PciBus secondaryBus() {
        return secondaryBus;
    }

    /** The number that software gave the bus behind; 0 before it did. */
    int secondary() {
        return config().get(SECONDARY, 1);
    }

    /** Whether configuration accesses to that bus are forwarded. */
    boolean leadsTo(int busNumber) {
        return secondary() != 0 && busNumber >= secondary() && busNumber <= config().get(SUBORDINATE, 1);
    }

    /** Whether memory accesses to that address are forwarded downstream. */
    boolean forwards(long pa) {
        if (!decodesMemory()) {
            return false;
        }
        long base = (config().get(MEMORY_BASE, 2) & 0xfff0L) << 16;
        long limit = ((config().get(MEMORY_LIMIT, 2) & 0xfff0L) << 16) + MEGABYTE - 1;
        return within(pa, base, limit)
                || within(
                        pa,
                        prefetch(PREFETCH_BASE, PREFETCH_BASE_HIGH),
                        prefetch(PREFETCH_LIMIT, PREFETCH_LIMIT_HIGH) + MEGABYTE - 1);
    }

    private long prefetch(int low, int high) {
        return (config().get(low, 2) & 0xfff0L) << 16 | (long) config().get(high, 4) << 32;
    }

    private static boolean within(long pa, long base, long limit) {
        return Long.compareUnsigned(pa, base) >= 0 && Long.compareUnsigned(pa, limit) <= 0;
    }

    /** Shows in the slot status of a root port that a card is present. */
    void cardAttached() {
        if (kind == BridgeKind.ROOT_PORT) {
            config().set(0x40 + 26, 2, 0x40);
        }
    }

    @Override
    public void writeConfig(int offset, int width, int value) {
        int before = config().get(CONTROL, 2);
        super.writeConfig(offset, width, value);
        if ((config().get(CONTROL, 2) & ~before & CONTROL_BUS_RESET) != 0) {
            secondaryBus.reset();
        }
    }

    @Override
    protected void busReset() {
        super.busReset();
        config().set(0x18, 4, 0);
        config().set(MEMORY_BASE, 4, 0);
        config().set(PREFETCH_BASE, 2, 1);
        config().set(PREFETCH_LIMIT, 2, 1);
        config().set(PREFETCH_BASE_HIGH, 4, 0);
        config().set(PREFETCH_LIMIT_HIGH, 4, 0);
        config().set(CONTROL, 2, 0);
        secondaryBus.reset();
    }
}
