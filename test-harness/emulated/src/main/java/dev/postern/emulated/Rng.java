package dev.postern.emulated;

import java.util.Optional;

/**
 * An entropy source. Its bytes follow from the seed of the machine and its place among the devices.
 *
 * @param id its name; made up when empty
 * @param bus where it sits
 * @param fill how much of a buffer it fills
 * @param virtio how it behaves as a virtio device
 */
public record Rng(Optional<String> id, String bus, RngFill fill, VirtioOptions virtio) implements VirtioSpec {

    /** A source on the root bus that fills every buffer. */
    public static Rng of() {
        return new Rng(Optional.empty(), ROOT_BUS, RngFill.FULL, VirtioOptions.DEFAULTS);
    }

    /** The same with a name. */
    public Rng id(String name) {
        return new Rng(Optional.of(name), bus, fill, virtio);
    }

    /** The same on another bus. */
    public Rng bus(String id) {
        return new Rng(id(), id, fill, virtio);
    }

    /** The same, filling less. */
    public Rng fill(RngFill howMuch) {
        return new Rng(id, bus, howMuch, virtio);
    }

    /** The same with another behaviour. */
    public Rng virtio(VirtioOptions options) {
        return new Rng(id, bus, fill, options);
    }
}
