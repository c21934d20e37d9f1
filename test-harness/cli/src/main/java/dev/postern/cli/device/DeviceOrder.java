package dev.postern.cli.device;

import dev.postern.cli.WrongCallException;
import dev.postern.cli.words.NameList;
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
    static void check(List<DeviceRequest> devices) {
        Set<String> ids = new HashSet<>();
        Map<String, List<DeviceRequest>> buses = new LinkedHashMap<>();
        buses.put(DeviceRequest.ROOT_BUS, new ArrayList<>());
        for (DeviceRequest device : devices) {
            if (!ids.add(device.id())) {
                throw new WrongCallException("two devices have the id '%s': give each its own".formatted(device.id()));
            }
            List<DeviceRequest> bus = buses.get(device.bus());
            if (bus == null) {
                throw new WrongCallException(missing(device, devices, buses));
            }
            bus.add(device);
            if (device instanceof DeviceRequest.Bridge || device instanceof DeviceRequest.RootPort) {
                buses.put(device.id(), new ArrayList<>());
            }
        }
        List<DeviceRequest> found = new ArrayList<>();
        walk(DeviceRequest.ROOT_BUS, buses, found);
        requireSameOrder(DeviceRequest.Disk.class, devices, found);
        requireSameOrder(DeviceRequest.Rng.class, devices, found);
    }

    private static String missing(
            DeviceRequest device, List<DeviceRequest> devices, Map<String, List<DeviceRequest>> buses) {
        boolean later = devices.stream()
                .anyMatch(other -> other.id().equals(device.bus()) && !(other instanceof DeviceRequest.Virtio));
        return "device '%s': %s"
                .formatted(
                        device.id(),
                        later
                                ? "its bus '%s' comes after it: move that --device before this one"
                                        .formatted(device.bus())
                                : NameList.of("bus", buses.keySet()).complaint(device.bus()));
    }

    private static void walk(String bus, Map<String, List<DeviceRequest>> buses, List<DeviceRequest> found) {
        for (DeviceRequest device : buses.get(bus)) {
            found.add(device);
            if (buses.containsKey(device.id())) {
                walk(device.id(), buses, found);
            }
        }
    }

    private static void requireSameOrder(
            Class<? extends DeviceRequest> kind, List<DeviceRequest> line, List<DeviceRequest> found) {
        List<? extends DeviceRequest> asGiven =
                line.stream().filter(kind::isInstance).toList();
        List<? extends DeviceRequest> asFound =
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
