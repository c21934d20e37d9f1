package dev.postern.emulated;

import dev.postern.emulated.board.AddressSpace;
import dev.postern.emulated.board.GsiLines;
import dev.postern.emulated.board.GuestMemory;
import dev.postern.emulated.board.Journal;
import dev.postern.emulated.board.Power;
import dev.postern.emulated.dma.DeviceReadable;
import dev.postern.emulated.dma.DmaIntent;
import dev.postern.emulated.dma.DmaPath;
import dev.postern.emulated.dma.DmaPort;
import dev.postern.emulated.firmware.AcpiTables;
import dev.postern.emulated.pci.ConfigPorts;
import dev.postern.emulated.platform.Surroundings;
import dev.postern.machine.Cpu;
import dev.postern.machine.CpuFacts;
import dev.postern.machine.InterruptLines;
import dev.postern.machine.Machine;
import dev.postern.machine.PortSpace;
import dev.postern.machine.PrivilegedActs;
import dev.postern.machine.RamRegion;
import dev.postern.machine.RegisterSpace;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A q35-like machine inside this process, as its firmware leaves it.
 *
 * <p><b>Layout:</b> RAM from 0 up to the low part's size, the rest from 4 GiB; enhanced configuration space at
 * 0xB0000000; addresses for 32-bit BARs from 0xC0000000 to 0xFEBFFFFF, for 64-bit BARs above the top of RAM. The ACPI
 * tables occupy part of 0xE0000 to 0xFFFFF; that range is RAM, and a guest must leave it alone.
 *
 * <p><b>Interrupts:</b> lines are levels, see {@link #interruptLines()}. A message is a store to RAM: there is no local
 * APIC, so its address must lie in RAM, and one that does not is lost and noted as an error of the guest.
 *
 * <p><b>Time and order:</b> unless {@link MachineBuilder#deviceThreads} says otherwise, devices work only while the guest calls {@link Cpu#relax()} or {@link Cpu#halt(long)}, on its
 * thread, in an order drawn from the seed. The same seed and the same guest give the same run, to the last trace entry.
 * The clock is simulated: a wait for a dead device costs no real time.
 *
 * <p><b>Platforms:</b> with {@link MachineBuilder#platform} the CPU, the firmware or hypervisor beneath the guest and what devices
 * see of memory are those of the named platform; the buses and the devices stay those of a PC. On platforms that keep memory private all
 * RAM is so until the guest shares some. Where a platform translates, limits, or does not snoop, the way of a virtio device to memory is
 * settled when it sets FEATURES_OK: by the platform's rules with ACCESS_PLATFORM, past them without, except where the platform says that
 * they hold for every device. A message for an interrupt may go to the guest-physical address of a page of RAM on all of them but those
 * that keep memory private, where the page must be shared and the address be the device's.
 *
 * <p><b>Threads:</b> everything but RAM, and what {@link DeviceThreads#OWN} excepts, is used by one thread at a time.
 */
public final class EmulatedMachine implements Machine {

    private final Power power;
    private final GuestMemory memory;
    private final Cpu cpu;
    private final AddressSpace registers;
    private final ConfigPorts ports;
    private final GsiLines lines;
    private final Journal journal;
    private final Map<String, Disk> disks;
    private final Map<String, DmaPort> dmaPorts;
    private final Surroundings surroundings;
    private final Optional<byte[]> deviceTree;
    private final Optional<DeviceMemoryAudit> audit;
    private final OpenThings open;

    /** What {@link MachineBuilder} has put together. */
    record Parts(
            Power power,
            GuestMemory memory,
            Cpu cpu,
            AddressSpace registers,
            ConfigPorts ports,
            GsiLines lines,
            Journal journal,
            Map<String, Disk> disks,
            Map<String, DmaPort> dmaPorts,
            Surroundings surroundings,
            Optional<byte[]> deviceTree,
            Optional<DeviceMemoryAudit> audit,
            OpenThings open) {}

    EmulatedMachine(Parts parts) {
        power = parts.power();
        memory = parts.memory();
        cpu = parts.cpu();
        registers = parts.registers();
        ports = parts.ports();
        lines = parts.lines();
        journal = parts.journal();
        disks = Map.copyOf(parts.disks());
        dmaPorts = Map.copyOf(parts.dmaPorts());
        surroundings = parts.surroundings();
        deviceTree = parts.deviceTree();
        audit = parts.audit();
        open = parts.open();
    }

    /** Begins a machine without devices, with seed 1 and 128 MiB of RAM. */
    public static MachineBuilder builder() {
        return new MachineBuilder();
    }

    @Override
    public String name() {
        return "emulated";
    }

    @Override
    public List<RamRegion> ram() {
        return memory.regions();
    }

    @Override
    public Cpu cpu() {
        return cpu;
    }

    @Override
    public RegisterSpace registers() {
        return registers;
    }

    @Override
    public Optional<PortSpace> ports() {
        return Optional.of(ports);
    }

    @Override
    public Optional<InterruptLines> interruptLines() {
        return Optional.of(lines);
    }

    @Override
    public OptionalLong acpiRootPa() {
        return OptionalLong.of(AcpiTables.BASE);
    }

    /** The device tree of an Arm guest, a fresh copy; empty on other machines. */
    @Override
    public Optional<byte[]> deviceTree() {
        return deviceTree.map(byte[]::clone);
    }

    @Override
    public OptionalLong xenStartInfoPa() {
        return surroundings.xenStartInfoPa();
    }

    @Override
    public Optional<CpuFacts> cpuFacts() {
        return Optional.of(surroundings.facts());
    }

    @Override
    public Optional<PrivilegedActs> privilegedActs() {
        return Optional.of(surroundings.acts());
    }

    /** Which pages the platform lets devices at now; all RAM where it does not keep them from any. */
    public SharedPages sharedPages() {
        power.check();
        return surroundings.readable().sharedPages();
    }

    /**
     * What a virtio device could read and write at this moment, by the way to memory that it negotiated.
     *
     * @param device its id
     * @throws IllegalArgumentException when there is none of that name; the message lists those there are
     */
    public DeviceReach deviceReach(String device) {
        power.check();
        DmaPort port = dmaPorts.get(device);
        if (port == null) {
            throw new IllegalArgumentException("no device " + device + ": this machine has "
                    + dmaPorts.keySet().stream().sorted().toList());
        }
        if (!port.mayMaster()) {
            return new DeviceReach(List.of(), List.of());
        }
        DmaPath path = port.requester().path();
        DeviceReadable readable = surroundings.readable();
        return new DeviceReach(readable.ranges(path, DmaIntent.READ), readable.ranges(path, DmaIntent.WRITE));
    }

    /**
     * Evidence of what devices did.
     *
     * @throws IllegalStateException when the builder was not told to audit
     */
    public DeviceMemoryAudit audit() {
        return audit.orElseThrow(() -> new IllegalStateException(
                "this machine does not audit its devices: call MachineBuilder.auditDevices()"));
    }

    /** What the guest did wrong so far, oldest first, at most 1000. Readable after {@link #close()} too. */
    public List<GuestError> guestErrors() {
        return journal.guestErrors();
    }

    /** The newest events of the devices, oldest first; empty unless the builder was given a trace capacity. */
    public List<DeviceEvent> trace() {
        return journal.trace();
    }

    /**
     * A disk by its id.
     *
     * @throws IllegalArgumentException when there is none of that name; the message lists those there are
     */
    public Disk disk(String id) {
        Disk disk = disks.get(id);
        if (disk == null) {
            throw new IllegalArgumentException("no disk " + id + ": this machine has "
                    + disks.keySet().stream().sorted().toList());
        }
        return disk;
    }

    @Override
    public void close() {
        if (power.cut()) {
            open.close();
        }
    }
}
