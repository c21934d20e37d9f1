package dev.postern.emulated;

import java.util.Objects;
import java.util.Optional;

/**
 * A conventional PCI-to-PCI bridge: room for 32 devices.
 *
 * @param name its id, which is also the id of the bus behind it
 * @param bus where it sits
 */
public record Bridge(String name, String bus) implements DeviceSpec {

    /** Neither may be null. */
    public Bridge {
        Objects.requireNonNull(name);
        Objects.requireNonNull(bus);
    }

    /** A bridge on the root bus. */
    public static Bridge of(String id) {
        return new Bridge(id, ROOT_BUS);
    }

    /** The same on another bus. */
    public Bridge bus(String id) {
        return new Bridge(name, id);
    }

    @Override
    public Optional<String> id() {
        return Optional.of(name);
    }
}
