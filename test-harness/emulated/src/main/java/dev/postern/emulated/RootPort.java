package dev.postern.emulated;

import java.util.Objects;
import java.util.Optional;

/**
 * A PCI Express root port: room for one device.
 *
 * @param name its id, which is also the id of the bus behind it
 * @param bus where it sits
 * @param facing where it leads; firmware says so on machines whose device tree has a node for it
 */
public record RootPort(String name, String bus, PortFacing facing) implements DeviceSpec {

    /** None may be null. */
    public RootPort {
        Objects.requireNonNull(name);
        Objects.requireNonNull(bus);
        Objects.requireNonNull(facing);
    }

    /** A port on the root bus that leads to a device inside the case. */
    public static RootPort of(String id) {
        return new RootPort(id, ROOT_BUS, PortFacing.INTERNAL);
    }

    /** The same on another bus. */
    public RootPort bus(String id) {
        return new RootPort(name, id, facing);
    }

    /** The same, leading elsewhere. */
    public RootPort facing(PortFacing where) {
        return new RootPort(name, bus, where);
    }

    @Override
    public Optional<String> id() {
        return Optional.of(name);
    }
}
