package dev.postern.emulated;

import dev.postern.emulated.board.AddressSpace;
import dev.postern.emulated.board.Clock;
import dev.postern.emulated.board.DeviceThread;
import dev.postern.emulated.board.DeviceWork;
import dev.postern.emulated.board.Gate;
import dev.postern.emulated.board.GsiLines;
import dev.postern.emulated.board.GuestMemory;
import dev.postern.emulated.board.Journal;
import dev.postern.emulated.board.Power;
import dev.postern.emulated.board.SimulatedClock;
import dev.postern.emulated.board.SimulatedCpu;
import dev.postern.emulated.board.ThreadGate;
import dev.postern.emulated.board.ThreadedCpu;
import dev.postern.emulated.board.Wakeups;
import dev.postern.emulated.dma.AuditedView;
import dev.postern.emulated.dma.DmaView;
import dev.postern.emulated.dma.ReadScanner;
import dev.postern.emulated.dma.WriteLog;
import dev.postern.emulated.firmware.AcpiTables;
import dev.postern.emulated.mischief.FailConversionAt;
import dev.postern.emulated.mischief.FirmwareMischief;
import dev.postern.emulated.mischief.GarblePageStateAnswer;
import dev.postern.emulated.mischief.MisleadMapGpa;
import dev.postern.emulated.mischief.PretendConversionAt;
import dev.postern.emulated.mischief.RetryMapGpa;
import dev.postern.emulated.mischief.SharingMischief;
import dev.postern.emulated.pci.ConfigPorts;
import dev.postern.emulated.pci.HostBridge;
import dev.postern.emulated.pci.IchRouting;
import dev.postern.emulated.pci.PciHost;
import dev.postern.emulated.platform.Surroundings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Describes an emulated machine and builds it. A builder may build several machines; each {@link #build()} opens the
 * disks anew.
 */
public final class MachineBuilder {

    private static final long PAGE = 4096;
    private static final long MEBIBYTE = 1L << 20;
    private static final long MOST_LOW_RAM = 2L << 30;

    private long seed = 1;
    private long ramBytes = 128 * MEBIBYTE;
    private OptionalLong lowRamBytes = OptionalLong.empty();
    private Completion completion = Completion.SHUFFLED;
    private int traceCapacity;
    private final List<DeviceSpec> devices = new ArrayList<>();
    private final List<FirmwareMischief> mischief = new ArrayList<>();
    private Platform platform = Platform.PLAIN;
    private final List<SharingMischief> sharingMischief = new ArrayList<>();
    private boolean audited;
    private DeviceThreads threads = DeviceThreads.GUEST;

    MachineBuilder() {}

    /** The seed of every choice that the machine makes; 1 unless set. */
    public MachineBuilder seed(long value) {
        seed = value;
        return this;
    }

    /** Size of the RAM in bytes, whole pages of 4096, at least 2 MiB; 128 MiB unless set. */
    public MachineBuilder ramBytes(long bytes) {
        ramBytes = bytes;
        return this;
    }

    /**
     * How much of the RAM lies below 4 GiB, from address 0 on: whole pages, 1 MiB to 2 GiB, at most all of it. Half of it
     * unless set, so that a guest meets a hole and addresses of more than 32 bits; all of it on paravirtualised Xen, whose guests have
     * no hole in what they call physical.
     */
    public MachineBuilder lowRamBytes(long bytes) {
        lowRamBytes = OptionalLong.of(bytes);
        return this;
    }

    /** In which order a batch of requests is published; {@link Completion#SHUFFLED} unless set. */
    public MachineBuilder completion(Completion order) {
        completion = order;
        return this;
    }

    /** Keeps the newest {@code events} entries of the trace; none unless set. */
    public MachineBuilder traceCapacity(int events) {
        traceCapacity = events;
        return this;
    }

    /** Adds a device. */
    public MachineBuilder device(DeviceSpec spec) {
        devices.add(spec);
        return this;
    }

    /** Makes the firmware do something wrong. */
    public MachineBuilder mischief(FirmwareMischief act) {
        mischief.add(act);
        return this;
    }

    /** What surrounds the guest; {@link Platform#PLAIN} unless set. */
    public MachineBuilder platform(Platform value) {
        platform = value;
        return this;
    }

    /** Makes the host of a secure guest do something wrong when a page changes hands. */
    public MachineBuilder mischief(SharingMischief act) {
        sharingMischief.add(act);
        return this;
    }

    /**
     * Searches what devices read for byte strings that are watched, and notes where they write; see
     * {@link EmulatedMachine#audit()}.
     */
    public MachineBuilder auditDevices() {
        audited = true;
        return this;
    }

    /** On which thread devices work; {@link DeviceThreads#GUEST} unless set. */
    public MachineBuilder deviceThreads(DeviceThreads which) {
        threads = which;
        return this;
    }

    /**
     * Builds the machine. The caller closes it.
     *
     * @throws MachineConfigurationException when it cannot be built as described; nothing is left open then
     */
    public EmulatedMachine build() {
        long low = lowRam();
        checkPlatform(low);
        OpenThings open = new OpenThings();
        try {
            return assemble(low, open);
        } catch (RuntimeException e) {
            open.close();
            throw e;
        }
    }

    private long lowRam() {
        if (ramBytes % PAGE != 0 || ramBytes < 2 * MEBIBYTE) {
            throw new MachineConfigurationException(
                    "RAM of " + ramBytes + " bytes: give a multiple of 4096, 2 MiB or more");
        }
        boolean onePiece = platform == Platform.XEN_PV || platform == Platform.XEN_DOM0;
        if (onePiece && (ramBytes > MOST_LOW_RAM || lowRamBytes.orElse(ramBytes) != ramBytes)) {
            throw new MachineConfigurationException("RAM of " + ramBytes + " bytes, " + lowRamBytes.orElse(MOST_LOW_RAM)
                    + " of them low, on " + platform.platformName()
                    + ", where it has no hole: give at most 2 GiB and leave lowRamBytes out");
        }
        long low = lowRamBytes.orElse(onePiece ? ramBytes : Math.min(ramBytes / 2 / PAGE * PAGE, MOST_LOW_RAM));
        if (low % PAGE != 0 || low < MEBIBYTE || low > MOST_LOW_RAM || low > ramBytes) {
            throw new MachineConfigurationException(
                    "low RAM of " + low + " bytes: give a multiple of 4096 from 1 MiB to 2 GiB, at most ramBytes");
        }
        return low;
    }

    private void checkPlatform(long low) {
        if (threads == DeviceThreads.OWN && (platform != Platform.PLAIN || audited)) {
            throw new MachineConfigurationException("devices on a thread of their own"
                    + (audited ? " with an audit" : " on " + platform.platformName())
                    + ": leave deviceThreads out, or set the platform to plain and audit nothing");
        }
        if (platform == Platform.PSERIES_SVM && (ramBytes | low) % Surroundings.LARGE_PAGE != 0) {
            throw new MachineConfigurationException("RAM of " + ramBytes + " bytes, " + low
                    + " of them low, on pseries-svm: give multiples of " + Surroundings.LARGE_PAGE);
        }
        for (SharingMischief act : sharingMischief) {
            if (!possibleOn(act).contains(platform)) {
                throw new MachineConfigurationException(act + " cannot happen on " + platform.platformName()
                        + ": leave it out, or set the platform to one of "
                        + possibleOn(act).stream().map(Platform::platformName).toList());
            }
        }
    }

    private static Set<Platform> possibleOn(SharingMischief act) {
        return switch (act) {
            case FailConversionAt _ ->
                Arrays.stream(Platform.values())
                        .filter(one -> one.keepsMemoryPrivate() && one != Platform.SEV && one != Platform.SEV_ES)
                        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Platform.class)));
            case PretendConversionAt _ -> EnumSet.of(Platform.SEV_SNP, Platform.TDX, Platform.HYPERV_VTOM);
            case GarblePageStateAnswer _ -> EnumSet.of(Platform.SEV_SNP);
            case MisleadMapGpa _, RetryMapGpa _ -> EnumSet.of(Platform.TDX);
        };
    }

    private EmulatedMachine assemble(long low, OpenThings open) {
        Power power = new Power();
        SimulatedClock simulated = new SimulatedClock();
        Clock clock = threads == DeviceThreads.OWN ? System::nanoTime : simulated;
        ThreadGate threadGate = new ThreadGate();
        Gate gate = threads == DeviceThreads.OWN ? threadGate : Gate.OPEN;
        Journal journal = new Journal(clock, traceCapacity);
        Wakeups wakeups = new Wakeups();
        DeviceWork work = new DeviceWork(seed, gate);
        GuestMemory memory = memory(low, open);
        GsiLines lines = new GsiLines(power, wakeups);
        PciHost host = new PciHost(new IchRouting(lines));
        Surroundings surroundings = open.add(Surroundings.of(platform, memory, seed, journal, power, sharingMischief));
        work.afterwards(surroundings.settle());
        DmaView view = surroundings.view();
        Optional<DeviceMemoryAudit> audit = Optional.empty();
        if (audited) {
            ReadScanner scanner = new ReadScanner();
            WriteLog writes = new WriteLog();
            view = new AuditedView(view, scanner, writes);
            audit = Optional.of(new DeviceMemoryAudit(scanner, writes, surroundings.readable()));
        }
        DevicePlacement placement =
                new DevicePlacement(host.root(), view, wakeups, journal, work, completion, seed, open);
        devices.forEach(placement::place);
        AcpiTables.write(memory.low(), HostBridge.ECAM_BASE, mischief);
        if (threads == DeviceThreads.OWN) {
            // The last to be opened is the first to be closed: the thread ends before the RAM goes.
            open.add(new DeviceThread(work, threadGate, power)).start();
        }
        return new EmulatedMachine(new EmulatedMachine.Parts(
                power,
                memory,
                threads == DeviceThreads.OWN
                        ? new ThreadedCpu(power, clock, wakeups)
                        : new SimulatedCpu(power, simulated, work, wakeups),
                new AddressSpace(power, gate, memory, host),
                new ConfigPorts(power, gate, host),
                lines,
                journal,
                placement.disks(),
                placement.ports(),
                surroundings,
                surroundings.deviceTree().map(tree -> tree.write(placement.portNodes())),
                audit,
                open));
    }

    private GuestMemory memory(long low, OpenThings open) {
        try {
            return open.add(GuestMemory.map(ramBytes, low));
        } catch (IOException e) {
            throw new MachineConfigurationException(
                    "no room for " + ramBytes + " bytes of RAM: give less, or free space in the temporary folder ("
                            + e.getMessage() + ")",
                    e);
        }
    }
}
