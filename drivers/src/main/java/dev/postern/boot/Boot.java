package dev.postern.boot;

import dev.postern.bus.pci.PciException;
import dev.postern.bus.pci.PciFunction;
import dev.postern.bus.pci.PciHost;
import dev.postern.bus.pci.PciTree;
import dev.postern.dma.DmaMappingException;
import dev.postern.firmware.acpi.AcpiException;
import dev.postern.firmware.acpi.AcpiTables;
import dev.postern.firmware.acpi.Mcfg;
import dev.postern.firmware.devicetree.DeviceTreeException;
import dev.postern.firmware.fwcfg.FwCfgException;
import dev.postern.interrupt.InterruptRouter;
import dev.postern.machine.Channel;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Supplier;

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
            Optional<PciHost> host =
                    busOf(machine, left.flatMap(FirmwareTables::acpi).flatMap(AcpiTables::mcfg));
            FirmwareTables firmware = left.orElseGet(() -> FirmwareTables.load(machine, memory));
            listener.accept(new BootEvent.FirmwareRead(firmware.source(), firmware.acpi()));
            Optional<PciTree> tree = host.map(PciTree::enumerate);
            tree.ifPresent(found -> listener.accept(new BootEvent.BusEnumerated(found)));
            if (!machine.channels().isEmpty()) {
                listener.accept(new BootEvent.ChannelsFound(machine.channels()));
            }
            DevicePages pages = memory.devicePages(SharedPurpose.INTERRUPTS);
            InterruptRouter router = new InterruptRouter(
                    machine.cpu(),
                    machine.interruptLines(),
                    services.caches()
                            .<DevicePages>map(caches -> new UncachedPages(pages, caches))
                            .orElse(pages));
            BootedGuest guest = new BootedGuest(platform, memory, router, tree);
            probeAll(machine, new DeviceProbe(machine, options, guest, services), guest, listener);
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

    /** Devices in other processes need no bus: a machine that has them, and neither table nor ports to find one by, has none. */
    private static Optional<PciHost> busOf(Machine machine, Optional<Mcfg> mcfg) {
        boolean without = !machine.channels().isEmpty()
                && mcfg.isEmpty()
                && machine.ports().isEmpty();
        return without ? Optional.empty() : Optional.of(PciHost.discover(machine, mcfg));
    }

    private static void probeAll(Machine machine, DeviceProbe probe, BootedGuest guest, Consumer<BootEvent> listener) {
        List<Supplier<DeviceReport>> waiting = found(machine, probe, guest);
        // What waits for an IOMMU is decided anew as long as some device, an IOMMU perhaps, came up meanwhile.
        List<DeviceReport> deferred;
        int before;
        do {
            before = waiting.size();
            List<Supplier<DeviceReport>> left = new ArrayList<>();
            deferred = new ArrayList<>();
            for (Supplier<DeviceReport> device : waiting) {
                DeviceReport report = device.get();
                if (report.outcome() == DeviceReport.Result.DEFERRED) {
                    left.add(device);
                    deferred.add(report);
                } else {
                    settle(report, guest, listener);
                }
            }
            waiting = left;
        } while (!deferred.isEmpty() && deferred.size() < before);
        deferred.forEach(report -> settle(report, guest, listener));
    }

    /** What probes each device, in the order of their names: those on the bus, then those in other processes. */
    private static List<Supplier<DeviceReport>> found(Machine machine, DeviceProbe probe, BootedGuest guest) {
        Map<String, Integer> counts = new HashMap<>();
        List<Supplier<DeviceReport>> devices = new ArrayList<>();
        if (guest.bus().isPresent()) {
            PciTree bus = guest.bus().get();
            for (PciFunction function : bus.functions()) {
                OptionalInt type = PciTransport.deviceType(function);
                if (type.isPresent()) {
                    String name = named(type.getAsInt(), counts);
                    devices.add(() -> probe.probe(function, type.getAsInt(), name, bus.host()));
                }
            }
        }
        for (Channel channel : machine.channels()) {
            String name = named(channel.deviceKind(), counts);
            devices.add(() -> probe.probe(channel, name));
        }
        return devices;
    }

    private static String named(int type, Map<String, Integer> counts) {
        String driver = DriverTable.typeOf(type).name();
        return driver + (counts.merge(driver, 1, Integer::sum) - 1);
    }

    private static void settle(DeviceReport report, BootedGuest guest, Consumer<BootEvent> listener) {
        guest.add(report);
        listener.accept(new BootEvent.DeviceProbed(report));
    }
}
