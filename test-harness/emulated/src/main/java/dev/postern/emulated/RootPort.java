package dev.postern.emulated;

import java.util.Objects;
import java.util.Optional;

/**
 * A PCI Express root port: room for one device.
 *
 * @param name its id, which is also the id of the bus behind it
 * @param bus where it sits
 */
public record RootPort(String name, String bus) implements DeviceSpec {

    /** Neither may be null. */
    public RootPort {
        Objects.requireNonNull(name);
        Objects.requireNonNull(bus);
    }

    /** A port on the root bus. */
    public static RootPort of(String id) {
        return new RootPort(id, ROOT_BUS);
    }

    /** The same on another bus. */
    public RootPort bus(String id) {
        return new RootPort(name, id);
    }

    @Override
    public Optional<String> id() {
        return Optional.of(name);
    }
}
