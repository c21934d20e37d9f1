package dev.postern.lab;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalInt;

/** A device to put into a machine, whichever machine that is. A bridge or port comes before what is behind it. */
public sealed interface LabDevice {

    /** The bus of a device that names none. */
    String ROOT_BUS = "pcie.0";

    /**
     * The name of the device, unique in its machine: a letter, then at most 23 letters, digits, {@code -}, {@code _} or {@code .}; also
     * the name of the bus behind it, where there is one.
     */
    String id();

    /** The id of the bridge or port above it, or {@link #ROOT_BUS}. */
    String bus();

    /** A virtio device. */
    sealed interface Virtio extends LabDevice {

        /** What it offers other than by default: true offers, false withholds. */
        Map<AdjustableFeature, Boolean> features();
    }

    /** A virtio disk, over an image or in memory. */
    sealed interface Block extends Virtio {

        /** Whether the guest may write. */
        DiskAccess access();

        /** Sizes, limits and what only disks offer. */
        DiskSettings settings();
    }

    /**
     * A disk over an image.
     *
     * @param id its name, and the one it tells the guest where the machine can pass it on
     * @param file an image of whole sectors
     * @param access whether the guest may write
     * @param bus where it sits
     * @param features what it offers other than by default: true offers, false withholds
     * @param settings sizes, limits and what only disks offer
     */
    record Disk(
            String id,
            Path file,
            DiskAccess access,
            String bus,
            Map<AdjustableFeature, Boolean> features,
            DiskSettings settings)
            implements Block {

        /** Copies the map. */
        public Disk {
            features = Map.copyOf(features);
        }

        /** A disk that was told nothing that only disks are told. */
        public Disk(String id, Path file, DiskAccess access, String bus, Map<AdjustableFeature, Boolean> features) {
            this(id, file, access, bus, features, DiskSettings.NONE);
        }

        /** A disk on the root bus. */
        public Disk(String id, Path file, DiskAccess access) {
            this(id, file, access, ROOT_BUS, Map.of());
        }

        /** The same behind a bridge or port. */
        public Disk behind(String bridge) {
            return new Disk(id, file, access, bridge, features, settings);
        }

        /** The same without offering a feature. */
        public Disk withholding(AdjustableFeature feature) {
            return with(feature, false);
        }

        /** The same, offering a feature. */
        public Disk offering(AdjustableFeature feature) {
            return with(feature, true);
        }

        /** The same, told what only disks are told. */
        public Disk settings(DiskSettings told) {
            return new Disk(id, file, access, bus, features, told);
        }

        private Disk with(AdjustableFeature feature, boolean offered) {
            Map<AdjustableFeature, Boolean> all = new EnumMap<>(AdjustableFeature.class);
            all.putAll(features);
            all.put(feature, offered);
            return new Disk(id, file, access, bus, all, settings);
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
     * @param settings sizes, limits and what only disks offer
     */
    record MemoryDisk(
            String id,
            long bytes,
            long seed,
            DiskAccess access,
            String bus,
            Map<AdjustableFeature, Boolean> features,
            DiskSettings settings)
            implements Block {

        /** Copies the map. */
        public MemoryDisk {
            features = Map.copyOf(features);
        }

        /** A disk that was told nothing that only disks are told. */
        public MemoryDisk(
                String id,
                long bytes,
                long seed,
                DiskAccess access,
                String bus,
                Map<AdjustableFeature, Boolean> features) {
            this(id, bytes, seed, access, bus, features, DiskSettings.NONE);
        }
    }

    /**
     * An entropy device.
     *
     * @param id its name
     * @param bus where it sits
     * @param features what it offers other than by default: true offers, false withholds
     * @param queueSize the largest size of its queue, in descriptors; as the machine has it when empty
     */
    record Rng(String id, String bus, Map<AdjustableFeature, Boolean> features, OptionalInt queueSize)
            implements Virtio {

        /** Copies the map. */
        public Rng {
            features = Map.copyOf(features);
        }

        /** One as the machine makes it. */
        public Rng(String id, String bus) {
            this(id, bus, Map.of(), OptionalInt.empty());
        }

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
    record RootPort(String id) implements LabDevice {
        @Override
        public String bus() {
            return ROOT_BUS;
        }
    }

    /**
     * A bridge to a conventional bus.
     *
     * @param id its name and that of the bus behind it
     * @param bus where it sits
     */
    record Bridge(String id, String bus) implements LabDevice {
        /** A bridge on the root bus. */
        public Bridge(String id) {
            this(id, ROOT_BUS);
        }
    }
}
