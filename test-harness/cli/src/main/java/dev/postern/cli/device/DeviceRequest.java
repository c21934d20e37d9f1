package dev.postern.cli.device;

import java.nio.file.Path;

/** A device that the command line asks for, before any machine was told of it. */
public sealed interface DeviceRequest {

    /** The bus that every machine has. */
    String ROOT_BUS = "pcie.0";

    /** Its name, unique on the line; also the name of the bus behind it, where there is one. */
    String id();

    /** The id of the bridge or port above it, or {@link #ROOT_BUS}. */
    String bus();

    /** A virtio device; the features are what it shall offer other than by default. */
    sealed interface Virtio extends DeviceRequest {

        /** What it shall offer other than by default. */
        FeatureChanges features();
    }

    /** A virtio disk. */
    sealed interface Disk extends Virtio {

        /** Who may write to it. */
        Access access();
    }

    /** What a guest may do with a disk. */
    enum Access {
        /** {@code ro=on} */
        READ_ONLY,
        /** {@code ro=off} */
        READ_WRITE
    }

    /**
     * A virtio disk over an image.
     *
     * @param file as written on the line, relative to the working directory
     */
    record FileDisk(String id, String bus, FeatureChanges features, Path file, Access access) implements Disk {}

    /**
     * A virtio disk in memory, whose content follows from a seed.
     *
     * @param bytes its size
     * @param seed of the content
     */
    record MemoryDisk(String id, String bus, FeatureChanges features, long bytes, long seed, Access access)
            implements Disk {}

    /** A virtio entropy device. */
    record Rng(String id, String bus, FeatureChanges features) implements Virtio {}

    /** A PCI Express root port with room for one device; it sits on the root bus. */
    record RootPort(String id) implements DeviceRequest {
        @Override
        public String bus() {
            return ROOT_BUS;
        }
    }

    /** A bridge to a conventional PCI bus. */
    record Bridge(String id, String bus) implements DeviceRequest {}
}
