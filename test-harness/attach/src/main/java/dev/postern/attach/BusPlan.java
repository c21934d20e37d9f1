package dev.postern.attach;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Gives every device its slot, so that the same specification always makes the same machine. */
final class BusPlan {

    /** The first free slot of a bus, and the last there is. */
    private record Slots(int next, int last) {}

    /**
     * A device in its place.
     *
     * @param device what
     * @param slot the device number on its bus, 0 to 31
     */
    record Placed(QemuDevice device, int slot) {}

    private BusPlan() {}

    /**
     * Places devices in their order.
     *
     * @throws MachineConfigurationException when an id occurs twice, a bus is unknown, or a bus is full
     */
    static List<Placed> place(List<QemuDevice> devices) {
        Map<String, Slots> buses = new HashMap<>();
        // Slot 0 of the root bus is the host bridge, slot 31 the chipset's other functions.
        buses.put(QemuDevice.ROOT_BUS, new Slots(1, 30));
        Set<String> ids = new HashSet<>();
        List<Placed> placed = new ArrayList<>();
        for (QemuDevice device : devices) {
            if (!ids.add(device.id())) {
                throw new MachineConfigurationException(
                        "two devices have the id '%s': give each its own".formatted(device.id()));
            }
            Slots slots = buses.get(device.bus());
            if (slots == null) {
                throw new MachineConfigurationException(
                        "device '%s': there is no bus '%s': declare the bridge or root port of that id before it"
                                .formatted(device.id(), device.bus()));
            }
            if (slots.next() > slots.last()) {
                throw new MachineConfigurationException("device '%s': bus '%s' is full: put it behind another bridge"
                        .formatted(device.id(), device.bus()));
            }
            placed.add(new Placed(device, slots.next()));
            buses.put(device.bus(), new Slots(slots.next() + 1, slots.last()));
            switch (device) {
                case QemuDevice.RootPort port -> buses.put(port.id(), new Slots(0, 0));
                // The bridge's hot-plug controller keeps slot 0 for itself.
                case QemuDevice.PciBridge bridge -> buses.put(bridge.id(), new Slots(1, 31));
                case QemuDevice.Disk _, QemuDevice.Rng _ -> {}
            }
        }
        return List.copyOf(placed);
    }
}
