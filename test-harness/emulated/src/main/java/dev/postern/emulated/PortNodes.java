package dev.postern.emulated;

import dev.postern.emulated.firmware.PortNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which root ports were placed where. */
final class PortNodes {

    /** A port in its slot. */
    private record Placed(RootPort port, int slot) {}

    private final Map<String, List<Placed>> byBus = new HashMap<>();

    void add(RootPort port, int slot) {
        byBus.computeIfAbsent(port.bus(), _ -> new ArrayList<>()).add(new Placed(port, slot));
    }

    /** The ports on a bus, in the order of their slots, with those behind them. */
    List<PortNode> onBus(String bus) {
        return byBus.getOrDefault(bus, List.of()).stream()
                .map(placed -> new PortNode(
                        placed.slot(),
                        placed.port().facing(),
                        onBus(placed.port().name())))
                .toList();
    }
}
