package dev.postern.boot;

import dev.postern.bus.pci.PciTree;
import dev.postern.firmware.acpi.AcpiTables;
import dev.postern.memory.FrameAllocator;
import java.util.Optional;

/** What happened during a boot, in the order in which it happened. */
public sealed interface BootEvent {

    /**
     * Memory is there.
     *
     * @param frames knows the regions and what is free
     */
    record MemoryReady(FrameAllocator frames) implements BootEvent {}

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
