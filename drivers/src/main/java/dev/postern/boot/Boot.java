package dev.postern.boot;

import dev.postern.bus.pci.PciException;
import dev.postern.bus.pci.PciFunction;
import dev.postern.bus.pci.PciHost;
import dev.postern.bus.pci.PciTree;
import dev.postern.dma.DmaMappingException;
import dev.postern.firmware.acpi.AcpiException;
import dev.postern.firmware.acpi.AcpiTables;
import dev.postern.firmware.devicetree.DeviceTreeException;
import dev.postern.firmware.fwcfg.FwCfgException;
import dev.postern.interrupt.InterruptRouter;
import dev.postern.machine.Machine;
import dev.postern.memory.DevicePages;
import dev.postern.memory.OutOfFramesException;
import dev.postern.memory.PhysRange;
import dev.postern.memory.PhysicalMemory;
import dev.postern.platform.DetectedPlatform;
import dev.postern.platform.PlatformDetection;
import dev.postern.platform.SharedPurpose;
import dev.postern.platform.UnknownPlatformException;
import dev.postern.virtio.transport.pci.PciTransport;
import dev.postern.xen.XenException;
import dev.postern.xen.XenServices;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
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
     * @throws BootException when no guest can come up: an unknown platform, malformed firmware tables, no memory, no bus
     * @throws IllegalArgumentException when the options ask for a pool that cannot be
     * @throws dev.postern.machine.MachineDiedException when the machine stops meanwhile
     */
    public static BootedGuest start(Machine machine, BootOptions options, Consumer<BootEvent> listener)
            throws BootException {
        try {
            DetectedPlatform platform = PlatformDetection.detect(machine);
            listener.accept(new BootEvent.PlatformDetected(platform));
            PhysicalMemory ram = new PhysicalMemory(machine.ram());
            Optional<FirmwareTables> left = FirmwareTables.handedOver(machine, ram);
            List<PhysRange> reserved = new ArrayList<>(XenServices.leftInRam(machine, platform));
            left.flatMap(FirmwareTables::acpi).map(AcpiTables::ranges).ifPresent(reserved::addAll);
            GuestMemory memory = GuestMemory.divide(
                    ram,
                    reserved,
                    platform,
                    FoundFacts.platform(platform, ram, options.strictness()).corrected(options.quirks()),
                    options);
            PlatformServices services = PlatformServices.of(machine, platform, memory.frames());
            listener.accept(new BootEvent.MemoryReady(memory));
            PciHost host =
                    PciHost.discover(machine, left.flatMap(FirmwareTables::acpi).flatMap(AcpiTables::mcfg));
            FirmwareTables firmware = left.orElseGet(() -> FirmwareTables.load(machine, memory));
            listener.accept(new BootEvent.FirmwareRead(firmware.source(), firmware.acpi()));
            PciTree tree = PciTree.enumerate(host);
            listener.accept(new BootEvent.BusEnumerated(tree));
            DevicePages pages = memory.devicePages(SharedPurpose.INTERRUPTS);
            InterruptRouter router = new InterruptRouter(
                    machine.cpu(),
                    machine.interruptLines(),
                    services.caches()
                            .<DevicePages>map(caches -> new UncachedPages(pages, caches))
                            .orElse(pages));
            BootedGuest guest = new BootedGuest(platform, memory, router, tree);
            probeAll(new DeviceProbe(machine, options, guest, services), guest, listener);
            return guest;
        } catch (AcpiException
                | FwCfgException
                | PciException
                | OutOfFramesException
                | DmaMappingException
                | DeviceTreeException
                | XenException
                | UnknownPlatformException e) {
            throw new BootException(e.getMessage(), e);
        }
    }

    private static void probeAll(DeviceProbe probe, BootedGuest guest, Consumer<BootEvent> listener) {
        Map<String, Integer> counts = new HashMap<>();
        Map<PciFunction, String> waiting = new LinkedHashMap<>();
        for (PciFunction function : guest.bus().functions()) {
            OptionalInt type = PciTransport.deviceType(function);
            if (type.isPresent()) {
                String driver = DriverTable.typeOf(type.getAsInt()).name();
                waiting.put(function, driver + (counts.merge(driver, 1, Integer::sum) - 1));
            }
        }
        // What waits for an IOMMU is decided anew as long as some device, an IOMMU perhaps, came up meanwhile.
        Map<PciFunction, DeviceReport> deferred;
        int before;
        do {
            before = waiting.size();
            deferred = probeEach(probe, waiting, guest, listener);
            waiting.keySet().retainAll(deferred.keySet());
        } while (!deferred.isEmpty() && deferred.size() < before);
        deferred.values().forEach(report -> settle(report, guest, listener));
    }

    /** Probes devices and settles all of them but those that wait for an IOMMU, which are returned. */
    private static Map<PciFunction, DeviceReport> probeEach(
            DeviceProbe probe, Map<PciFunction, String> devices, BootedGuest guest, Consumer<BootEvent> listener) {
        Map<PciFunction, DeviceReport> deferred = new LinkedHashMap<>();
        devices.forEach((function, name) -> {
            DeviceReport report = probe.probe(
                    function,
                    PciTransport.deviceType(function).orElseThrow(),
                    name,
                    guest.bus().host());
            if (report.outcome() == DeviceReport.Result.DEFERRED) {
                deferred.put(function, report);
            } else {
                settle(report, guest, listener);
            }
        });
        return deferred;
    }

    private static void settle(DeviceReport report, BootedGuest guest, Consumer<BootEvent> listener) {
        guest.add(report);
        listener.accept(new BootEvent.DeviceProbed(report));
    }
}
