package dev.postern.attach;

import java.nio.file.Path;

/**
 * A device of a QEMU machine, in QEMU's own words. Slots are given in the order of declaration, from 1 on the root bus
 * and behind a conventional bridge, 0 behind a root port.
 */
public sealed interface QemuDevice {

    /** The bus that every machine has. */
    String ROOT_BUS = "pcie.0";

    /** The name of the device; unique in the machine. */
    String id();

    /** The id of the bridge or root port it is behind, or {@link #ROOT_BUS}. */
    String bus();

    /**
     * A virtio disk (modern only) over a raw file. QEMU's own lock on the file is left on, and its node name in the
     * control protocol is the id.
     *
     * @param file an existing regular file, of whole sectors of 512 bytes
     * @param access whether the guest may write
     * @param id the name of the device
     * @param bus where it sits
     * @param features what it offers other than QEMU's default
     * @param settings sizes, limits and the like
     */
    record Disk(Path file, DiskAccess access, String id, String bus, FeatureAdjustments features, DiskSettings settings)
            implements QemuDevice {

        /** Checks the names; the file is checked when the machine is built. */
        public Disk {
            DeviceNames.check(id, bus);
        }

        /** A disk that differs from QEMU's default in its features alone. */
        public Disk(Path file, DiskAccess access, String id, String bus, FeatureAdjustments features) {
            this(file, access, id, bus, features, DiskSettings.none());
        }

        /** A disk on the root bus as QEMU makes it. */
        public Disk(Path file, DiskAccess access, String id) {
            this(file, access, id, ROOT_BUS, FeatureAdjustments.none());
        }

        /** The same, told more. */
        public Disk settings(DiskSettings more) {
            return new Disk(file, access, id, bus, features, more);
        }

        /** The same with other features. */
        public Disk features(FeatureAdjustments adjusted) {
            return new Disk(file, access, id, bus, adjusted, settings);
        }
    }

    /**
     * A virtio entropy device (modern only), fed by QEMU's own generator.
     *
     * @param id the name of the device
     * @param bus where it sits
     * @param features what it offers other than QEMU's default
     */
    record Rng(String id, String bus, FeatureAdjustments features) implements QemuDevice {

        /** Checks the names. */
        public Rng {
            DeviceNames.check(id, bus);
        }

        /** An entropy device on the root bus as QEMU makes it. */
        public Rng(String id) {
            this(id, ROOT_BUS, FeatureAdjustments.none());
        }
    }

    /**
     * A PCI Express root port, with room for one device.
     *
     * @param id the name of the port and of the bus behind it
     */
    record RootPort(String id) implements QemuDevice {

        /** Checks the name. */
        public RootPort {
            DeviceNames.check(id, ROOT_BUS);
        }

        @Override
        public String bus() {
            return ROOT_BUS;
        }
    }

    /**
     * A bridge to a conventional PCI bus, with room for 31 devices.
     *
     * @param id the name of the bridge and of the bus behind it
     * @param bus where it sits
     */
    record PciBridge(String id, String bus) implements QemuDevice {

        /** Checks the names. */
        public PciBridge {
            DeviceNames.check(id, bus);
        }

        /** A bridge on the root bus. */
        public PciBridge(String id) {
            this(id, ROOT_BUS);
        }
    }
}
