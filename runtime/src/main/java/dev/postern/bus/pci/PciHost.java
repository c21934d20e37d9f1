package dev.postern.bus.pci;

import dev.postern.firmware.acpi.Mcfg;
import dev.postern.machine.Machine;
import dev.postern.machine.RamRegion;
import dev.postern.machine.RegisterSpace;
import dev.postern.memory.PhysRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The host bridge: how configuration space is reached, which addresses functions may get, and where INTx lines end.
 */
public final class PciHost {

    private final RegisterSpace registers;
    private final ConfigSpace configSpace;
    private final Optional<PhysRange> lowWindow;
    private final Optional<PhysRange> highWindow;
    private final Optional<IntxRouting> intx;
    private final List<String> warnings;

    private PciHost(
            RegisterSpace registers,
            ConfigSpace configSpace,
            HostWindows windows,
            Optional<IntxRouting> intx,
            List<String> warnings) {
        this.registers = registers;
        this.configSpace = configSpace;
        this.lowWindow = windows.low();
        this.highWindow = windows.high();
        this.intx = intx;
        this.warnings = List.copyOf(warnings);
    }

    /**
     * Finds the way to configuration space: ECAM where MCFG says it is and it answers; else, on a q35, ECAM that is
     * enabled here as its firmware would; else the ports CF8 and CFC.
     *
     * @param machine the pins
     * @param mcfg the table, if firmware tables were found; segment 0 is used
     * @throws PciException if the machine has no PCI that can be reached
     */
    public static PciHost discover(Machine machine, Optional<Mcfg> mcfg) {
        List<String> warnings = new ArrayList<>();
        List<PhysRange> ram = new ArrayList<>();
        for (RamRegion region : machine.ram()) {
            ram.add(new PhysRange(region.basePa(), region.size()));
        }
        Optional<Mcfg.Segment> window = mcfg.flatMap(table -> fromTable(machine.registers(), table, ram, warnings))
                .or(() -> machine.ports().flatMap(ports -> Q35.ecam(new PortConfigSpace(ports), ram, warnings)));
        ConfigSpace config = window.<ConfigSpace>map(found -> new EcamConfigSpace(machine.registers(), found))
                .or(() -> machine.ports().map(PortConfigSpace::new))
                .filter(PciHost::answers)
                .orElseThrow(() -> new PciException(
                        "PCI: machine %s has no host bridge, neither where MCFG says nor behind ports 0xcf8 and 0xcfc: give it one or use devices of another bus"
                                .formatted(machine.name())));
        List<PhysRange> used = new ArrayList<>(ram);
        window.ifPresent(found -> used.add(new PhysRange(found.windowPa(), found.windowBytes())));
        return new PciHost(
                machine.registers(),
                config,
                HostWindows.around(used),
                Q35.is(config) ? Optional.of(IntxRouting.ICH9) : Optional.empty(),
                warnings);
    }

    private static Optional<Mcfg.Segment> fromTable(
            RegisterSpace registers, Mcfg mcfg, List<PhysRange> ram, List<String> warnings) {
        Optional<Mcfg.Segment> segment =
                mcfg.segments().stream().filter(entry -> entry.segment() == 0).findFirst();
        if (segment.isEmpty()) {
            warnings.add("PCI: MCFG names no window for segment 0; it is not used");
            return segment;
        }
        PhysRange window = new PhysRange(segment.get().windowPa(), segment.get().windowBytes());
        if (ram.stream().anyMatch(window::overlaps)) {
            warnings.add("PCI: the window %s that MCFG names overlaps RAM; it is not used".formatted(window));
            return Optional.empty();
        }
        if (!answers(new EcamConfigSpace(registers, segment.get()))) {
            warnings.add("PCI: nothing answers in the window %s that MCFG names; it is not used".formatted(window));
            return Optional.empty();
        }
        return segment;
    }

    /** Whether there is a function at the place where every host bridge is. */
    private static boolean answers(ConfigSpace config) {
        int vendor = config.read16(new PciAddress(config.firstBus(), 0, 0), ConfigRegister.VENDOR_ID);
        return vendor != 0xffff && vendor != 0;
    }

    /** How configuration space is reached. */
    public ConfigSpace configSpace() {
        return configSpace;
    }

    /** The addresses below 4 GiB that functions get; empty if RAM leaves none. */
    public Optional<PhysRange> lowWindow() {
        return lowWindow;
    }

    /** The addresses above 4 GiB that functions get, at least 64 GiB of them; empty if RAM leaves none. */
    public Optional<PhysRange> highWindow() {
        return highWindow;
    }

    /** What was odd and could be ignored, one line each. */
    public List<String> warnings() {
        return warnings;
    }

    /**
     * The global system interrupt that a function's INTx pin ends at, after the swizzle of each bridge on the way.
     *
     * @throws PciException if the function has no pin, or the routing of this host bridge is not known
     */
    public int intxGsi(PciFunction function) {
        if (function.interruptPin() == 0) {
            throw new PciException("PCI %s: it has no INTx pin: use MSI-X or polling".formatted(function));
        }
        IntxRouting routing = intx.orElseThrow(() -> new PciException(
                "PCI %s: the INTx routing of this host bridge is not known: use MSI-X or polling".formatted(function)));
        return routing.gsi(function);
    }

    RegisterSpace registers() {
        return registers;
    }

    @Override
    public String toString() {
        return "PCI by %s, windows %s and %s"
                .formatted(
                        configSpace,
                        lowWindow.map(PhysRange::toString).orElse("none"),
                        highWindow.map(PhysRange::toString).orElse("none"));
    }
}
