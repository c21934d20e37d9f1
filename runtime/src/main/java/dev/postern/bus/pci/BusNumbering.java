package dev.postern.bus.pci;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds all functions and gives each bridge its buses, depth first.
 *
 * <p>It ends on any hardware: every bus number is given out once, a bridge that does not keep what it was given is not
 * entered, and the number of functions is bounded.
 */
final class BusNumbering {

    private static final int DEVICES = 32;
    private static final int FUNCTIONS = 8;
    /** More than any guest has; a bus that shows more is broken, and enumeration would take forever. */
    private static final int MAXIMUM_FUNCTIONS = 4096;

    private static final int ROOT_PORT = 4;
    private static final int DOWNSTREAM_PORT = 6;

    private final PciHost host;
    private final ConfigSpace config;
    private final List<PciFunction> functions = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private int known;
    private int nextBus;
    private boolean full;

    BusNumbering(PciHost host) {
        this.host = host;
        this.config = host.configSpace();
    }

    /** All functions, depth first. */
    List<PciFunction> functions() {
        return functions;
    }

    /** What was left out. */
    List<String> warnings() {
        return warnings;
    }

    /** Numbers everything and returns the functions of the root bus. */
    List<PciFunction> run() {
        nextBus = config.firstBus() + 1;
        List<PciFunction> root = scan(config.firstBus(), Optional.empty());
        descend(root);
        return root;
    }

    private List<PciFunction> scan(int bus, Optional<PciFunction> bridge) {
        List<PciFunction> found = new ArrayList<>();
        // A link has one device at its end; asking for others may show the same one again and again.
        int devices = bridge.isPresent() && leadsToLink(bridge.get()) ? 1 : DEVICES;
        for (int device = 0; device < devices; device++) {
            if (!probe(new PciAddress(bus, device, 0), bridge, found)) {
                continue;
            }
            int header = config.read8(new PciAddress(bus, device, 0), ConfigRegister.HEADER_TYPE);
            for (int function = 1; function < FUNCTIONS; function++) {
                if ((header & ConfigRegister.HEADER_MULTIFUNCTION) != 0) {
                    probe(new PciAddress(bus, device, function), bridge, found);
                }
            }
        }
        return found;
    }

    private boolean probe(PciAddress address, Optional<PciFunction> bridge, List<PciFunction> found) {
        int vendor = config.read16(address, ConfigRegister.VENDOR_ID);
        if (vendor == 0xffff || vendor == 0) {
            return false;
        }
        if (known + found.size() >= MAXIMUM_FUNCTIONS) {
            if (!full) {
                warnings.add("PCI: more than %d functions; %s and what follows are left out"
                        .formatted(MAXIMUM_FUNCTIONS, address));
            }
            full = true;
            return false;
        }
        PciFunction function = new PciFunction(host, address, bridge);
        function.quiesce();
        if (function.bridge()) {
            // All bridges of a bus forget their numbers before one gets new ones: no two may answer for the same bus.
            setBuses(function, 0, 0, 0);
        }
        found.add(function);
        return true;
    }

    /** Enters the bridges among the functions of one bus. */
    private void descend(List<PciFunction> bus) {
        known += bus.size();
        for (PciFunction function : bus) {
            functions.add(function);
            if (function.bridge()) {
                enter(function);
            }
        }
    }

    private void enter(PciFunction bridge) {
        if (nextBus > config.lastBus()) {
            bridge.fail("no bus number is left for it, the last is %d".formatted(config.lastBus()));
            return;
        }
        int primary = bridge.address().bus();
        int secondary = nextBus;
        setBuses(bridge, primary, secondary, config.lastBus());
        if (!keeps(bridge, primary, secondary, config.lastBus())) {
            setBuses(bridge, 0, 0, 0);
            bridge.fail("it does not keep the bus number %d".formatted(secondary));
            return;
        }
        nextBus++;
        int control = bridge.read16(ConfigRegister.BRIDGE_CONTROL);
        if ((control & ConfigRegister.BRIDGE_SECONDARY_RESET) != 0) {
            bridge.write16(ConfigRegister.BRIDGE_CONTROL, control & ~ConfigRegister.BRIDGE_SECONDARY_RESET);
        }
        bridge.behind().addAll(scan(secondary, Optional.of(bridge)));
        descend(bridge.behind());
        bridge.write8(ConfigRegister.SUBORDINATE_BUS, nextBus - 1);
    }

    private static boolean keeps(PciFunction bridge, int primary, int secondary, int subordinate) {
        return bridge.read8(ConfigRegister.PRIMARY_BUS) == primary
                && bridge.read8(ConfigRegister.SECONDARY_BUS) == secondary
                && bridge.read8(ConfigRegister.SUBORDINATE_BUS) == subordinate;
    }

    private static void setBuses(PciFunction bridge, int primary, int secondary, int subordinate) {
        bridge.write8(ConfigRegister.PRIMARY_BUS, primary);
        bridge.write8(ConfigRegister.SECONDARY_BUS, secondary);
        bridge.write8(ConfigRegister.SUBORDINATE_BUS, subordinate);
    }

    private static boolean leadsToLink(PciFunction bridge) {
        return bridge.capability(ConfigRegister.CAPABILITY_EXPRESS)
                .map(express -> bridge.read16(express.offset() + 2) >>> 4 & 0xf)
                .filter(type -> type == ROOT_PORT || type == DOWNSTREAM_PORT)
                .isPresent();
    }
}
