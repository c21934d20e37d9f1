package dev.postern.boot;

import dev.postern.bus.pci.PciTree;
import dev.postern.firmware.acpi.AcpiTables;
import dev.postern.machine.Channel;
import dev.postern.platform.DetectedPlatform;
import java.util.List;
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
     * The bus was walked and its windows and BARs placed; a machine without one goes on without this.
     *
     * @param tree every function found
     */
    record BusEnumerated(PciTree tree) implements BootEvent {}

    /**
     * The machine has channels to devices in other processes. Nobody was asked for anything yet.
     *
     * @param channels at least one, in the order in which their devices are named
     */
    record ChannelsFound(List<Channel> channels) implements BootEvent {

        /** Copies the list. */
        public ChannelsFound {
            channels = List.copyOf(channels);
        }
    }

    /**
     * A virtio device was decided about, and started or left alone.
     *
     * @param report all about it
     */
    record DeviceProbed(DeviceReport report) implements BootEvent {}
}
