package dev.postern.bus.pci;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * All functions behind one host bridge, numbered and placed.
 *
 * <p>After enumeration bus mastering is off for every endpoint, whatever ran before, and bridges forward memory and bus
 * mastering. A function that could not be placed has a {@link PciFunction#problem()} and stays disabled; the others work.
 */
public final class PciTree {

    private static final int ENDPOINT_BARS = 6;
    private static final int BRIDGE_BARS = 2;

    private final PciHost host;
    private final List<PciFunction> functions;
    private final List<String> warnings;

    private PciTree(PciHost host, List<PciFunction> functions, List<String> warnings) {
        this.host = host;
        this.functions = List.copyOf(functions);
        this.warnings = warnings;
    }

    /**
     * Finds, numbers, sizes and places everything. Addresses and bus numbers that firmware gave are replaced.
     *
     * @param host where to look and which addresses to give
     */
    public static PciTree enumerate(PciHost host) {
        BusNumbering numbering = new BusNumbering(host);
        List<PciFunction> root = numbering.run();
        Map<PciFunction, List<BarRequest>> requests = new HashMap<>();
        Map<PciFunction, BridgeWindows> bridges = new HashMap<>();
        for (PciFunction function : numbering.functions()) {
            if (function.bridge()) {
                bridges.put(function, new BridgeWindows(function));
                function.write32(ConfigRegister.BRIDGE_ROM, 0);
                requests.put(function, size(function, BRIDGE_BARS));
            } else if (function.endpoint()) {
                function.write32(ConfigRegister.ENDPOINT_ROM, 0);
                requests.put(function, size(function, ENDPOINT_BARS));
            } else {
                function.fail("its header is neither an endpoint's nor a bridge's");
            }
        }
        new BarPlacement(host, root, requests, bridges).run();
        for (PciFunction function : bridges.keySet()) {
            if (function.problem().isEmpty()) {
                function.enableMemory();
                function.enableBusMastering();
            }
        }
        return new PciTree(host, numbering.functions(), numbering.warnings());
    }

    private static List<BarRequest> size(PciFunction function, int registers) {
        BarSizing sizing = new BarSizing(function, registers);
        sizing.run();
        function.found(sizing.ioBars());
        return List.copyOf(sizing.requests());
    }

    /** All functions, bridges among them, depth first: each bridge is followed by what lies behind it. */
    public List<PciFunction> functions() {
        return functions;
    }

    /** Where the tree hangs. */
    public PciHost host() {
        return host;
    }

    /** What was odd on the bus and could be ignored, of host, bus and all functions, one line each. */
    public List<String> warnings() {
        List<String> all = new ArrayList<>(host.warnings());
        all.addAll(warnings);
        functions.forEach(function -> all.addAll(function.warnings()));
        return List.copyOf(all);
    }

    /** Why functions stay disabled, one line each. */
    public List<String> problems() {
        return functions.stream()
                .flatMap(function -> function.problem().stream())
                .toList();
    }
}
