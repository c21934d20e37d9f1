package dev.postern.bus.pci;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One function of a device on the bus, endpoint or bridge.
 *
 * <p>After enumeration its memory BARs have addresses, but decoding, bus mastering, INTx and messages are all off until a
 * driver turns them on. The identity and the capability list are private copies, read once.
 *
 * <p><b>Ownership:</b> a driver claims a function before it touches it. <b>Threads:</b> one thread, the guest's.
 */
public final class PciFunction {

    private final PciHost host;
    private final ConfigSpace config;
    private final PciAddress address;
    private final Optional<PciFunction> upstreamBridge;
    private final int vendorId;
    private final int deviceId;
    private final int revisionAndClass;
    private final int headerType;
    private final int interruptPin;
    private final List<String> warnings = new ArrayList<>();
    private final List<PciCapability> capabilities;
    private final List<PciFunction> behind = new ArrayList<>();
    private final Map<Integer, MemoryBar> bars = new TreeMap<>();
    private List<IoBar> ioBars = List.of();
    private Optional<String> problem = Optional.empty();
    private Optional<MsixTable> msix = Optional.empty();
    private boolean memoryEnabled;
    private PciClaim claim;

    PciFunction(PciHost host, PciAddress address, Optional<PciFunction> upstreamBridge) {
        this.host = host;
        this.config = host.configSpace();
        this.address = address;
        this.upstreamBridge = upstreamBridge;
        this.vendorId = config.read16(address, ConfigRegister.VENDOR_ID);
        this.deviceId = config.read16(address, ConfigRegister.DEVICE_ID);
        this.revisionAndClass = config.read32(address, ConfigRegister.REVISION_AND_CLASS);
        this.headerType = config.read8(address, ConfigRegister.HEADER_TYPE) & ~ConfigRegister.HEADER_MULTIFUNCTION;
        this.interruptPin = config.read8(address, ConfigRegister.INTERRUPT_PIN);
        this.capabilities = List.copyOf(CapabilityList.plain(config, address, warnings::add));
    }

    /** Where it sits. */
    public PciAddress address() {
        return address;
    }

    /** Who made it, 0 to 0xfffe. */
    public int vendorId() {
        return vendorId;
    }

    /** What the maker calls it, 0 to 0xffff. */
    public int deviceId() {
        return deviceId;
    }

    /** Its revision, 0 to 0xff. */
    public int revision() {
        return revisionAndClass & 0xff;
    }

    /** What it is: base class, subclass and programming interface in 24 bits, such as 0x060400 for a bridge. */
    public int classCode() {
        return revisionAndClass >>> 8;
    }

    /** Who made the board, 0 to 0xffff; 0 for a bridge, whose header has no such field. */
    public int subsystemVendorId() {
        return bridge() ? 0 : read16(ConfigRegister.SUBSYSTEM_VENDOR_ID);
    }

    /** What the maker of the board calls it, 0 to 0xffff; 0 for a bridge, whose header has no such field. */
    public int subsystemId() {
        return bridge() ? 0 : read16(ConfigRegister.SUBSYSTEM_ID);
    }

    /** Whether it leads to another bus. */
    public boolean bridge() {
        return headerType == ConfigRegister.HEADER_BRIDGE;
    }

    /** Whether its header has the six BARs of an endpoint. */
    boolean endpoint() {
        return headerType == 0;
    }

    /** The bridge that leads to its bus; empty on the root bus. */
    public Optional<PciFunction> upstreamBridge() {
        return upstreamBridge;
    }

    /** The INTx pin: 0 for none, 1 for INTA to 4 for INTD; what a device says beyond that counts as none. */
    public int interruptPin() {
        return interruptPin <= 4 ? interruptPin : 0;
    }

    /** The capability list in its order, up to its first fault; see {@link #warnings()}. */
    public List<PciCapability> capabilities() {
        return capabilities;
    }

    /** The extended capability list in its order, up to its first fault; empty without PCI Express or ECAM. */
    public List<PciCapability> extendedCapabilities() {
        return List.copyOf(CapabilityList.extended(config, address, warning -> {
            if (!warnings.contains(warning)) {
                warnings.add(warning);
            }
        }));
    }

    /** The first capability of that id. */
    public Optional<PciCapability> capability(int id) {
        return capabilities.stream().filter(capability -> capability.id() == id).findFirst();
    }

    /**
     * The memory BAR of that number; empty if it has none, if that is a port BAR or an upper half, or if the function has
     * a {@link #problem()}.
     *
     * @param index 0 to 5
     * @throws IllegalArgumentException for another number
     */
    public Optional<MemoryBar> bar(int index) {
        if (index < 0 || index > 5) {
            throw new IllegalArgumentException("PCI %s: BAR %d: they are numbered 0 to 5".formatted(this, index));
        }
        return Optional.ofNullable(bars.get(index));
    }

    /** All placed memory BARs, ascending. */
    public List<MemoryBar> bars() {
        return List.copyOf(bars.values());
    }

    /** The port BARs, which have no address. */
    public List<IoBar> ioBars() {
        return ioBars;
    }

    /** Why the function stays disabled, in one line; empty if it is usable. */
    public Optional<String> problem() {
        return problem;
    }

    /** What was odd about the function and could be ignored, one line each. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    /**
     * Takes the function for one driver.
     *
     * @param owner who takes it, for the message to the next who tries
     * @return to be closed when the driver is done
     * @throws PciAlreadyClaimedException if somebody has it
     * @throws PciException if it has a {@link #problem()}
     */
    public PciClaim claim(String owner) {
        requireUsable();
        if (claim != null) {
            throw new PciAlreadyClaimedException(this, claim.owner(), owner);
        }
        claim = new PciClaim(this, owner);
        return claim;
    }

    void released(PciClaim released) {
        if (claim == released) {
            claim = null;
        }
    }

    /**
     * Lets the function answer at its memory BARs.
     *
     * @throws PciException if it has a {@link #problem()}
     */
    public void enableMemory() {
        requireUsable();
        setCommand(ConfigRegister.COMMAND_MEMORY);
        memoryEnabled = true;
    }

    boolean memoryEnabled() {
        return memoryEnabled;
    }

    /**
     * Lets the function read and write memory and send messages.
     *
     * @throws PciException if it has a {@link #problem()}
     */
    public void enableBusMastering() {
        requireUsable();
        setCommand(ConfigRegister.COMMAND_BUS_MASTER);
    }

    /** Stops the function from reaching memory; returns when the order has arrived. */
    public void disableBusMastering() {
        clearCommand(ConfigRegister.COMMAND_BUS_MASTER);
    }

    /** Whether the function may reach memory, by its own command register. */
    public boolean busMastering() {
        return (read16(ConfigRegister.COMMAND) & ConfigRegister.COMMAND_BUS_MASTER) != 0;
    }

    /** Lets the function raise its interrupt line. */
    public void enableIntx() {
        clearCommand(ConfigRegister.COMMAND_INTX_DISABLE);
    }

    /** Keeps the function from raising its interrupt line. */
    public void disableIntx() {
        setCommand(ConfigRegister.COMMAND_INTX_DISABLE);
    }

    /**
     * The message-signalled interrupts; the same object at every call.
     *
     * @return empty if the function has none
     * @throws PciException if its table or pending bits do not lie inside its BARs
     */
    public Optional<MsixTable> msix() {
        if (msix.isEmpty()) {
            msix = capability(ConfigRegister.CAPABILITY_MSIX)
                    .map(capability -> new MsixTable(this, host.registers(), capability));
        }
        return msix;
    }

    /** Reads a byte of configuration space. */
    public int read8(int offset) {
        return config.read8(address, offset);
    }

    /** Reads two aligned bytes of configuration space. */
    public int read16(int offset) {
        return config.read16(address, offset);
    }

    /** Reads four aligned bytes of configuration space. */
    public int read32(int offset) {
        return config.read32(address, offset);
    }

    /** Writes a byte of configuration space. */
    public void write8(int offset, int value) {
        config.write8(address, offset, value);
    }

    /** Writes two aligned bytes of configuration space. */
    public void write16(int offset, int value) {
        config.write16(address, offset, value);
    }

    /** Writes four aligned bytes of configuration space. */
    public void write32(int offset, int value) {
        config.write32(address, offset, value);
    }

    /** Address, vendor and device, such as {@code 00:03.0 1af4:1042}. */
    public String name() {
        return "%s %04x:%04x".formatted(address, vendorId, deviceId);
    }

    @Override
    public String toString() {
        return name();
    }

    /** The functions on its secondary bus, in order. */
    List<PciFunction> behind() {
        return behind;
    }

    /** Turns off all that firmware or an earlier kernel may have left on. */
    void quiesce() {
        int off = ConfigRegister.COMMAND_IO | ConfigRegister.COMMAND_MEMORY | ConfigRegister.COMMAND_BUS_MASTER;
        int command = read16(ConfigRegister.COMMAND);
        write16(ConfigRegister.COMMAND, command & ~off | ConfigRegister.COMMAND_INTX_DISABLE);
        for (PciCapability capability : capabilities) {
            int control = capability.offset() + 2;
            switch (capability.id()) {
                case ConfigRegister.CAPABILITY_MSI -> write16(control, read16(control) & ~1);
                case ConfigRegister.CAPABILITY_MSIX -> write16(control, read16(control) & 0x7fff);
                default -> {
                    // No other capability sends interrupts.
                }
            }
        }
        memoryEnabled = false;
    }

    void warn(String what) {
        warnings.add("PCI %s: %s".formatted(this, what));
    }

    /** Gives the function up; the first reason stays. What lies behind a bridge is given up with it. */
    void fail(String why) {
        if (problem.isEmpty()) {
            problem = Optional.of("PCI %s: %s; the function stays disabled".formatted(this, why));
            bars.clear();
        }
        for (PciFunction function : behind) {
            if (function.problem.isEmpty()) {
                function.fail("it is behind bridge %s, which is disabled".formatted(address));
            }
        }
    }

    void found(List<IoBar> portBars) {
        ioBars = List.copyOf(portBars);
    }

    /** Writes a BAR's address; decoding is off. */
    void place(MemoryBar bar) {
        int offset = ConfigRegister.FIRST_BAR + 4 * bar.index();
        write32(offset, (int) bar.pa());
        if (bar.kind().wide()) {
            write32(offset + 4, (int) (bar.pa() >>> 32));
        }
        bars.put(bar.index(), bar);
    }

    private void requireUsable() {
        if (problem.isPresent()) {
            throw new PciException(problem.get());
        }
    }

    private void setCommand(int bits) {
        write16(ConfigRegister.COMMAND, read16(ConfigRegister.COMMAND) | bits);
    }

    private void clearCommand(int bits) {
        write16(ConfigRegister.COMMAND, read16(ConfigRegister.COMMAND) & ~bits);
        // A read of the same function does not pass the write, so the order has arrived when it returns.
        read16(ConfigRegister.COMMAND);
    }
}
