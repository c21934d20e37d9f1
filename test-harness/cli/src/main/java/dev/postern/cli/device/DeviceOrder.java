package dev.postern.cli.device;

import dev.postern.cli.WrongCallException;
import dev.postern.cli.words.NameList;
import dev.postern.lab.LabDevice;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Checks that the devices form a tree, and that the guest will find disks in the order of the line.
 *
 * <p>A guest walks the bus depth first. It calls the first disk it meets {@code blk0}, and applications go by these names:
 * were the order another, {@code clone} would write to a disk that the user did not mean.
 */
final class DeviceOrder {

    private DeviceOrder() {}

    /**
     * Checks.
     *
     * @throws WrongCallException when an id occurs twice, a bus is unknown or comes later, or the order would change
     */
    static void check(List<LabDevice> devices) {
        Set<String> ids = new HashSet<>();
        Map<String, List<LabDevice>> buses = new LinkedHashMap<>();
        buses.put(LabDevice.ROOT_BUS, new ArrayList<>());
        for (LabDevice device : devices) {
            if (!ids.add(device.id())) {
                throw new WrongCallException("two devices have the id '%s': give each its own".formatted(device.id()));
            }
            List<LabDevice> bus = buses.get(device.bus());
            if (bus == null) {
                throw new WrongCallException(missing(device, devices, buses));
            }
            bus.add(device);
            if (device instanceof LabDevice.Bridge || device instanceof LabDevice.RootPort) {
                buses.put(device.id(), new ArrayList<>());
            }
        }
        List<LabDevice> found = new ArrayList<>();
        walk(LabDevice.ROOT_BUS, buses, found);
        requireSameOrder(LabDevice.Block.class, devices, found);
        requireSameOrder(LabDevice.Rng.class, devices, found);
    }

    private static String missing(LabDevice device, List<LabDevice> devices, Map<String, List<LabDevice>> buses) {
        boolean later = devices.stream()
                .anyMatch(other -> other.id().equals(device.bus()) && !(other instanceof LabDevice.Virtio));
        return "device '%s': %s"
                .formatted(
                        device.id(),
                        later
                                ? "its bus '%s' comes after it: move that --device before this one"
                                        .formatted(device.bus())
                                : NameList.of("bus", buses.keySet()).complaint(device.bus()));
    }

    private static void walk(String bus, Map<String, List<LabDevice>> buses, List<LabDevice> found) {
        for (LabDevice device : buses.get(bus)) {
            found.add(device);
            if (buses.containsKey(device.id())) {
                walk(device.id(), buses, found);
            }
        }
    }

    private static void requireSameOrder(Class<? extends LabDevice> kind, List<LabDevice> line, List<LabDevice> found) {
        List<? extends LabDevice> asGiven =
                line.stream().filter(kind::isInstance).toList();
        List<? extends LabDevice> asFound =
                found.stream().filter(kind::isInstance).toList();
        for (int i = 0; i < asGiven.size(); i++) {
            if (!asGiven.get(i).id().equals(asFound.get(i).id())) {
                throw new WrongCallException(
                        "device '%s' would be found before '%s', which the line has first: put each bridge or root port with all that is behind it in one run"
                                .formatted(asFound.get(i).id(), asGiven.get(i).id()));
            }
        }
    }
}
