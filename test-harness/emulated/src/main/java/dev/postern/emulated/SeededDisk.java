package dev.postern.emulated;

import java.util.Optional;

/**
 * A disk whose content follows from a seed, see {@link SeededContent}; what the guest writes is kept in memory.
 *
 * @param id its name; made up when empty
 * @param bus where it sits
 * @param bytes size, a multiple of 512
 * @param seed of the content
 * @param access whether the guest may write
 * @param options what it says of itself
 * @param virtio how it behaves as a virtio device
 */
public record SeededDisk(
        Optional<String> id,
        String bus,
        long bytes,
        long seed,
        DiskAccess access,
        DiskOptions options,
        VirtioOptions virtio)
        implements VirtioSpec {

    /** A disk on the root bus that may be written. */
    public static SeededDisk of(long bytes, long seed) {
        return new SeededDisk(
                Optional.empty(),
                ROOT_BUS,
                bytes,
                seed,
                DiskAccess.READ_WRITE,
                DiskOptions.DEFAULTS,
                VirtioOptions.DEFAULTS);
    }

    /** The same with a name. */
    public SeededDisk id(String name) {
        return new SeededDisk(Optional.of(name), bus, bytes, seed, access, options, virtio);
    }

    /** The same on another bus. */
    public SeededDisk bus(String id) {
        return new SeededDisk(id(), id, bytes, seed, access, options, virtio);
    }

    /** The same, read-only. */
    public SeededDisk ro() {
        return new SeededDisk(id, bus, bytes, seed, DiskAccess.READ_ONLY, options, virtio);
    }

    /** The same, saying something else of itself. */
    public SeededDisk options(DiskOptions what) {
        return new SeededDisk(id, bus, bytes, seed, access, what, virtio);
    }

    /** The same with another behaviour. */
    public SeededDisk virtio(VirtioOptions options) {
        return new SeededDisk(id, bus, bytes, seed, access, options(), options);
    }
}
