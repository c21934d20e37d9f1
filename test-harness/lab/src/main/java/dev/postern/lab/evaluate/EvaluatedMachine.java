package dev.postern.lab.evaluate;

import dev.postern.emulated.EmulatedMachine;
import dev.postern.emulated.FileDisk;
import dev.postern.emulated.MachineConfigurationException;
import dev.postern.emulated.Platform;
import dev.postern.emulated.SeededDisk;
import dev.postern.emulated.VirtioOptions;
import dev.postern.quirks.decision.ReservedFeature;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The emulated machine of a cell, and what such a machine can be. */
final class EvaluatedMachine {

    /** Half of it lies above 4 GiB, and either half has room for a pool that grows. */
    private static final long RAM_BYTES = 64L << 20;

    /** The id of the disk. */
    static final String DISK = "disk";

    private static final long PROBE_BYTES = 2L << 20;
    private static final long SECTOR = 512;

    private EvaluatedMachine() {}

    /** What it can be built as, by name. */
    static List<String> presets() {
        return Arrays.stream(Platform.values()).map(Platform::platformName).toList();
    }

    /** Whether its disk can be built with an offer. */
    static boolean canOffer(OfferedFeatures offered) {
        try (EmulatedMachine machine = EmulatedMachine.builder()
                .ramBytes(PROBE_BYTES)
                .device(SeededDisk.of(SECTOR, 0).virtio(options(offered, DeviceTrait.ORDINARY)))
                .build()) {
            return !machine.ram().isEmpty();
        } catch (MachineConfigurationException e) {
            return false;
        }
    }

    /**
     * Builds the machine of a cell, with one disk; the caller closes it.
     *
     * @param seed of all that it chooses
     * @param image what is behind the disk; not in use by anybody else
     */
    static EmulatedMachine build(Cell cell, long seed, Path image) {
        return EmulatedMachine.builder()
                .seed(seed)
                .ramBytes(RAM_BYTES)
                .platform(Platform.named(cell.preset()))
                .auditDevices()
                .device(FileDisk.of(image).id(DISK).virtio(options(cell.offered(), cell.trait())))
                .build();
    }

    private static VirtioOptions options(OfferedFeatures offered, DeviceTrait trait) {
        VirtioOptions options = VirtioOptions.DEFAULTS.addressBits(trait.addressBits());
        if (!offered.has(ReservedFeature.VERSION_1)) {
            options = options.withhold(ReservedFeature.VERSION_1.bit());
        }
        for (ReservedFeature feature : List.of(ReservedFeature.ACCESS_PLATFORM, ReservedFeature.ORDER_PLATFORM)) {
            if (offered.has(feature)) {
                options = options.offer(feature.bit());
            }
        }
        return options;
    }
}
