package dev.postern.emulated;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A disk over an image file. The file is opened and locked when the machine is built.
 *
 * @param id its name; made up when empty
 * @param bus where it sits
 * @param file the image, a whole number of 512-byte sectors
 * @param access whether the guest may write
 * @param options what it says of itself
 * @param virtio how it behaves as a virtio device
 */
public record FileDisk(
        Optional<String> id, String bus, Path file, DiskAccess access, DiskOptions options, VirtioOptions virtio)
        implements VirtioSpec {

    /** A disk on the root bus that may be written. */
    public static FileDisk of(Path file) {
        return new FileDisk(
                Optional.empty(), ROOT_BUS, file, DiskAccess.READ_WRITE, DiskOptions.DEFAULTS, VirtioOptions.DEFAULTS);
    }

    /** The same with a name. */
    public FileDisk id(String name) {
        return new FileDisk(Optional.of(name), bus, file, access, options, virtio);
    }

    /** The same on another bus. */
    public FileDisk bus(String id) {
        return new FileDisk(id(), id, file, access, options, virtio);
    }

    /** The same, read-only. */
    public FileDisk ro() {
        return new FileDisk(id, bus, file, DiskAccess.READ_ONLY, options, virtio);
    }

    /** The same, saying something else of itself. */
    public FileDisk options(DiskOptions what) {
        return new FileDisk(id, bus, file, access, what, virtio);
    }

    /** The same with another behaviour. */
    public FileDisk virtio(VirtioOptions options) {
        return new FileDisk(id, bus, file, access, options(), options);
    }
}
