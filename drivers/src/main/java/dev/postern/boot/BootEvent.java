package dev.postern.boot;

import dev.postern.bus.pci.PciTree;
import dev.postern.firmware.acpi.AcpiTables;
import dev.postern.platform.DetectedPlatform;
import java.util.Optional;

/** What happened during a boot, in the order in which it happened. */
public sealed interface BootEvent {

    /**
     * The guest knows what platform it is on.
     *
     * @param platform what was found, and how
     */
    record PlatformDetected(DetectedPlatform platform) implements BootEvent {}

    /**
     * Memory is there.
     *
     * @param memory the guest's own and what it shares
     */
    record MemoryReady(GuestMemory memory) implements BootEvent {}

    /**
     * Firmware tables were read.
     *
     * @param source where they were found, in words
     * @param tables what they say; empty when there are none
     */
    record FirmwareRead(String source, Optional<AcpiTables> tables) implements BootEvent {}

    /**
     * The bus was walked and its windows and BARs placed.
     *
     * @param tree every function found
     */
    record BusEnumerated(PciTree tree) implements BootEvent {}

    /**
     * A virtio device was decided about, and started or left alone.
     *
     * @param report all about it
     */
    record DeviceProbed(DeviceReport report) implements BootEvent {}
}
