package dev.postern.lab;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/** A device to put into a machine, whichever machine that is. A bridge or port comes before what is behind it. */
public sealed interface LabDevice {

    /** The bus of a device that names none. */
    String ROOT_BUS = "pcie.0";

    /** The name of the device, unique in its machine: a letter, then at most 19 letters or digits. */
    String id();

    /**
     * A disk over an image.
     *
     * @param id its name, and the one it tells the guest where the machine can pass it on
     * @param file an image of whole sectors
     * @param access whether the guest may write
     * @param bus where it sits
     * @param features what it offers other than by default: true offers, false withholds
     */
    record Disk(String id, Path file, DiskAccess access, String bus, Map<AdjustableFeature, Boolean> features)
            implements LabDevice {

        /** Copies the map. */
        public Disk {
            features = Map.copyOf(features);
        }

        /** A disk on the root bus. */
        public Disk(String id, Path file, DiskAccess access) {
            this(id, file, access, ROOT_BUS, Map.of());
        }

        /** The same behind a bridge or port. */
        public Disk behind(String bridge) {
            return new Disk(id, file, access, bridge, features);
        }

        /** The same without offering a feature. */
        public Disk withholding(AdjustableFeature feature) {
            return with(feature, false);
        }

        /** The same, offering a feature. */
        public Disk offering(AdjustableFeature feature) {
            return with(feature, true);
        }

        private Disk with(AdjustableFeature feature, boolean offered) {
            Map<AdjustableFeature, Boolean> all = new EnumMap<>(AdjustableFeature.class);
            all.putAll(features);
            all.put(feature, offered);
            return new Disk(id, file, access, bus, all);
        }
    }

    /**
     * A disk in memory, whose content follows from a seed. The emulated machine alone has it.
     *
     * @param id its name, and the one it tells the guest
     * @param bytes its size, whole sectors of 512 bytes
     * @param seed of the content
     * @param access whether the guest may write
     * @param bus where it sits
     * @param features what it offers other than by default: true offers, false withholds
     */
    record MemoryDisk(
            String id, long bytes, long seed, DiskAccess access, String bus, Map<AdjustableFeature, Boolean> features)
            implements LabDevice {

        /** Copies the map. */
        public MemoryDisk {
            features = Map.copyOf(features);
        }
    }

    /**
     * An entropy device.
     *
     * @param id its name
     * @param bus where it sits
     */
    record Rng(String id, String bus) implements LabDevice {
        /** One on the root bus. */
        public Rng(String id) {
            this(id, ROOT_BUS);
        }
    }

    /**
     * A PCI Express root port on the root bus, with room for one device.
     *
     * @param id its name and that of the bus behind it
     */
    record RootPort(String id) implements LabDevice {}

    /**
     * A conventional bridge on the root bus.
     *
     * @param id its name and that of the bus behind it
     */
    record Bridge(String id) implements LabDevice {}
}
