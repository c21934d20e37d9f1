package dev.postern.boot;

import dev.postern.bus.pci.PciException;
import dev.postern.bus.pci.PciFunction;
import dev.postern.bus.pci.PciHost;
import dev.postern.bus.pci.PciTree;
import dev.postern.firmware.acpi.AcpiException;
import dev.postern.firmware.acpi.AcpiTables;
import dev.postern.firmware.fwcfg.FwCfgException;
import dev.postern.interrupt.InterruptRouter;
import dev.postern.machine.Machine;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.OutOfFramesException;
import dev.postern.memory.PhysicalMemory;
import dev.postern.virtio.transport.pci.PciTransport;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** Brings a guest up on a machine: memory, firmware tables, bus, devices. */
public final class Boot {

    private Boot() {}

    /**
     * Boots.
     *
     * <p>Trouble with one device stays with it and is in its report; the others come up.
     *
     * @param machine stays the caller's
     * @param listener told of each step, on this thread
     * @return the guest, to be closed before the machine
     * @throws BootException when no guest can come up: malformed firmware tables, no memory, no bus
     * @throws dev.postern.machine.MachineDiedException when the machine stops meanwhile
     */
    public static BootedGuest start(Machine machine, BootOptions options, Consumer<BootEvent> listener)
            throws BootException {
        try {
            PhysicalMemory memory = new PhysicalMemory(machine.ram());
            Optional<FirmwareTables> left = FirmwareTables.handedOver(machine, memory);
            FrameAllocator frames = new FrameAllocator(
                    memory,
                    left.flatMap(FirmwareTables::acpi).map(AcpiTables::ranges).orElse(List.of()));
            listener.accept(new BootEvent.MemoryReady(frames));
            PciHost host =
                    PciHost.discover(machine, left.flatMap(FirmwareTables::acpi).flatMap(AcpiTables::mcfg));
            FirmwareTables firmware = left.orElseGet(() -> FirmwareTables.load(machine, frames));
            listener.accept(new BootEvent.FirmwareRead(firmware.source(), firmware.acpi()));
            PciTree tree = PciTree.enumerate(host);
            listener.accept(new BootEvent.BusEnumerated(tree));
            InterruptRouter router =
                    new InterruptRouter(machine.cpu(), machine.interruptLines(), frames.memory(), frames);
            BootedGuest guest = new BootedGuest(frames, router, tree);
            probeAll(machine, options, guest, listener);
            return guest;
        } catch (AcpiException | FwCfgException | PciException | OutOfFramesException e) {
            throw new BootException(e.getMessage(), e);
        }
    }

    private static void probeAll(
            Machine machine, BootOptions options, BootedGuest guest, Consumer<BootEvent> listener) {
        DeviceProbe probe = new DeviceProbe(machine, options, guest.frames(), guest.interrupts(), guest);
        Map<String, Integer> counts = new HashMap<>();
        for (PciFunction function : guest.bus().functions()) {
            OptionalInt type = PciTransport.deviceType(function);
            if (type.isPresent()) {
                String driver = DriverTable.typeOf(type.getAsInt()).name();
                String name = driver + (counts.merge(driver, 1, Integer::sum) - 1);
                DeviceReport report =
                        probe.probe(function, type.getAsInt(), name, guest.bus().host());
                guest.add(report);
                listener.accept(new BootEvent.DeviceProbed(report));
            }
        }
    }
}
