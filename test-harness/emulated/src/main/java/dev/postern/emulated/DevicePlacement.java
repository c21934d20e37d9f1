package dev.postern.emulated;

import dev.postern.emulated.blk.BlockDevice;
import dev.postern.emulated.board.DeviceWork;
import dev.postern.emulated.board.Journal;
import dev.postern.emulated.board.Wakeups;
import dev.postern.emulated.dma.DmaPort;
import dev.postern.emulated.dma.DmaView;
import dev.postern.emulated.firmware.PortNode;
import dev.postern.emulated.mischief.DiskMischief;
import dev.postern.emulated.pci.BridgeKind;
import dev.postern.emulated.pci.PciBridge;
import dev.postern.emulated.pci.PciBus;
import dev.postern.emulated.rng.EntropyDevice;
import dev.postern.emulated.storage.SeededStorage;
import dev.postern.emulated.storage.Storage;
import dev.postern.emulated.virtio.DeviceType;
import dev.postern.emulated.virtio.Feature;
import dev.postern.emulated.virtio.FeatureSet;
import dev.postern.emulated.virtio.Script;
import dev.postern.emulated.virtio.VirtioDevice;
import dev.postern.emulated.virtio.VirtioPci;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Turns the described devices into real ones, each in a slot of its bus. */
final class DevicePlacement {

    /** Bits that every device here can serve and offers. */
    private static final FeatureSet COMMON = FeatureSet.of(Feature.INDIRECT_DESC, Feature.EVENT_IDX, Feature.VERSION_1);

    /** Bits that every device here can serve, and offers when told to. */
    private static final FeatureSet OFFERABLE = FeatureSet.of(
            Feature.ACCESS_PLATFORM,
            Feature.RING_PACKED,
            Feature.IN_ORDER,
            Feature.ORDER_PLATFORM,
            Feature.NOTIFICATION_DATA,
            Feature.NOTIF_CONFIG_DATA,
            Feature.RING_RESET);

    private final PciBus root;
    private final DmaView view;
    private final Wakeups wakeups;
    private final Journal journal;
    private final DeviceWork work;
    private final Completion completion;
    private final long seed;
    private final OpenThings open;
    private final Map<String, PciBus> buses = new HashMap<>();
    private final Set<String> names = new HashSet<>();
    private final Map<String, Disk> disks = new HashMap<>();
    private final Map<String, DmaPort> ports = new HashMap<>();
    private final PortNodes portNodes = new PortNodes();
    private int placed;

    DevicePlacement(
            PciBus root,
            DmaView view,
            Wakeups wakeups,
            Journal journal,
            DeviceWork work,
            Completion completion,
            long seed,
            OpenThings open) {
        this.root = root;
        this.view = view;
        this.wakeups = wakeups;
        this.journal = journal;
        this.work = work;
        this.completion = completion;
        this.seed = seed;
        this.open = open;
        buses.put(DeviceSpec.ROOT_BUS, root);
    }

    Map<String, Disk> disks() {
        return disks;
    }

    /** The ways to memory of all virtio devices, by name. */
    Map<String, DmaPort> ports() {
        return ports;
    }

    /** The root ports, as a device tree names them. */
    List<PortNode> portNodes() {
        return portNodes.onBus(DeviceSpec.ROOT_BUS);
    }

    void place(DeviceSpec spec) {
        placed++;
        String name = name(spec);
        PciBus bus = bus(spec, name);
        int slot = bus.freeSlot();
        if (slot < 0) {
            throw new MachineConfigurationException(
                    "device " + name + ": bus " + spec.bus() + " is full, add another port or bridge");
        }
        switch (spec) {
            case RootPort port -> {
                if (bus.isConventional()) {
                    throw new MachineConfigurationException("root port " + name + ": bus " + spec.bus()
                            + " is conventional PCI, put the port on " + DeviceSpec.ROOT_BUS);
                }
                placeBridge(bus, slot, name, BridgeKind.ROOT_PORT);
                portNodes.add(port, slot);
            }
            case Bridge bridge -> placeBridge(bus, slot, name, BridgeKind.CONVENTIONAL);
            case VirtioSpec virtio -> placeVirtio(bus, slot, name, virtio);
        }
    }

    private void placeBridge(PciBus bus, int slot, String name, BridgeKind kind) {
        PciBridge bridge = new PciBridge(name, kind);
        bus.attach(bridge, slot);
        buses.put(name, bridge.secondaryBus());
    }

    private String name(DeviceSpec spec) {
        String name = spec.id().orElseGet(() -> madeUp(spec));
        if (name.isBlank() || name.equals(DeviceSpec.ROOT_BUS)) {
            throw new MachineConfigurationException("device id \"" + name + "\": give another name");
        }
        if (!names.add(name)) {
            throw new MachineConfigurationException("device id " + name + " is given twice: give each its own");
        }
        return name;
    }

    private String madeUp(DeviceSpec spec) {
        String kind = spec instanceof Rng ? "rng" : "disk";
        int number = 0;
        while (names.contains(kind + number)) {
            number++;
        }
        return kind + number;
    }

    private PciBus bus(DeviceSpec spec, String name) {
        PciBus bus = buses.get(spec.bus());
        if (bus == null) {
            throw new MachineConfigurationException("device " + name + ": there is no bus " + spec.bus()
                    + ", give the port or bridge of that id before it");
        }
        return bus;
    }

    private void placeVirtio(PciBus bus, int slot, String name, VirtioSpec spec) {
        Script script = new Script(spec.virtio().mischief());
        switch (spec) {
            case FileDisk disk -> {
                Storage storage = open.add(ImageFile.open(disk.file(), disk.access()));
                placeDisk(
                        bus,
                        slot,
                        spec,
                        new BlockDevice(name, storage, disk.access(), disk.options(), script, journal),
                        name,
                        script);
            }
            case SeededDisk disk -> {
                checkSize(name, disk.bytes());
                Storage storage = open.add(new SeededStorage(disk.bytes(), disk.seed()));
                placeDisk(
                        bus,
                        slot,
                        spec,
                        new BlockDevice(name, storage, disk.access(), disk.options(), script, journal),
                        name,
                        script);
            }
            case Rng rng -> {
                if (script.first(DiskMischief.class) != null) {
                    throw new MachineConfigurationException("device " + name + ": " + script.first(DiskMischief.class)
                            + " is for disks alone, leave it out");
                }
                DeviceType type = new EntropyDevice(name, rng.fill(), ownSeed(), journal);
                attach(bus, slot, name, type, spec, offered(name, type, spec, FeatureSet.NONE), script);
            }
        }
    }

    private static void checkSize(String name, long bytes) {
        if (bytes <= 0 || bytes % 512 != 0) {
            throw new MachineConfigurationException(
                    "disk " + name + " of " + bytes + " bytes: give a multiple of 512, more than 0");
        }
    }

    private void placeDisk(PciBus bus, int slot, VirtioSpec spec, BlockDevice type, String name, Script script) {
        FeatureSet offered = offered(name, type, spec, FeatureSet.of(BlockDevice.SIZE_MAX));
        VirtioPci function = attach(bus, slot, name, type, spec, offered, script);
        type.connect(offered, function.device()::configChanged);
        disks.put(name, new Disk(type));
    }

    private VirtioPci attach(
            PciBus bus, int slot, String name, DeviceType type, VirtioSpec spec, FeatureSet offered, Script script) {
        VirtioPci function = new VirtioPci(
                name,
                type,
                new VirtioDevice.Options(
                        offered, spec.virtio().queueSize(), spec.virtio().resetReads(), script),
                place(bus),
                view,
                new VirtioDevice.Board(journal, work, completion, ownSeed()),
                wakeups,
                spec.virtio().addressBits());
        ports.put(name, function.port());
        bus.attach(function, slot);
        return function;
    }

    private static VirtioPci.Place place(PciBus bus) {
        if (bus.isConventional()) {
            return VirtioPci.Place.CONVENTIONAL_BUS;
        }
        return bus.isLink() ? VirtioPci.Place.EXPRESS_LINK : VirtioPci.Place.ROOT_BUS;
    }

    /** A seed for this device, so that two of a kind differ. */
    private long ownSeed() {
        return seed * 0x9e3779b97f4a7c15L + placed * 0x1_0000L;
    }

    private static FeatureSet offered(String name, DeviceType type, VirtioSpec spec, FeatureSet typeOfferable) {
        FeatureSet offered = type.features();
        for (int bit = 0; bit < 128; bit++) {
            if (COMMON.has(bit)) {
                offered = offered.with(bit);
            }
        }
        for (int bit : spec.virtio().withheld()) {
            if (bit < 0 || bit > 127 || !offered.has(bit)) {
                throw new MachineConfigurationException(
                        "device " + name + ": feature " + bit + " is not offered, so leave it out of withhold");
            }
            offered = offered.without(bit);
        }
        for (int bit : spec.virtio().extra()) {
            if (bit < 0 || bit > 127 || !(OFFERABLE.has(bit) || typeOfferable.has(bit) || offered.has(bit))) {
                throw new MachineConfigurationException("device " + name + ": feature " + bit
                        + " cannot be served, offer only ACCESS_PLATFORM (33), RING_PACKED (34), IN_ORDER (35),"
                        + " ORDER_PLATFORM (36), NOTIFICATION_DATA (38), NOTIF_CONFIG_DATA (39), RING_RESET (40)"
                        + " and on disks SIZE_MAX (1)");
            }
            offered = offered.with(bit);
        }
        return offered;
    }
}
