package dev.postern.cli.run;

import dev.postern.attach.QemuQ35;
import dev.postern.attach.StorageDaemon;
import dev.postern.attach.StorageProbe;
import dev.postern.attach.VhostUserMachine;
import dev.postern.lab.DiskAccess;
import dev.postern.lab.LabDevice;
import dev.postern.machine.Machine;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What there is to say of a machine's other side when it is up, without a way back to the machine.
 *
 * @param isolation what keeps devices from the memory of this JVM, as a sentence; empty where they are in this JVM
 * @param ramPages which pages RAM consists of that is shared with another process; empty where nobody chooses them
 * @param servers the programs that were started to serve devices, in the order of the devices
 */
public record HostSide(Optional<String> isolation, Optional<String> ramPages, List<DeviceServer> servers) {

    /** Nothing is known yet. */
    static final HostSide UNKNOWN = new HostSide(Optional.empty(), Optional.empty(), List.of());

    /** Copies the list. */
    public HostSide {
        servers = List.copyOf(servers);
    }

    /** That of a machine that was just made. */
    public static HostSide of(BootRequest request, Machine machine) {
        return switch (machine) {
            case QemuQ35 qemu -> new HostSide(Optional.of(qemu.isolation()), Optional.empty(), List.of());
            case VhostUserMachine daemons ->
                new HostSide(
                        Optional.of(daemons.isolation()), Optional.of(daemons.ramPages()), servers(request, daemons));
            default -> UNKNOWN;
        };
    }

    private static List<DeviceServer> servers(BootRequest request, VhostUserMachine machine) {
        List<DeviceServer> servers = new ArrayList<>();
        List<StorageDaemon> daemons = machine.daemons();
        String version = daemons.isEmpty()
                ? ""
                : StorageProbe.look().map(StorageProbe::version).orElse("");
        for (int i = 0; i < daemons.size(); i++) {
            servers.add(new DeviceServer(
                    "qemu-storage-daemon",
                    version,
                    daemons.get(i).pid(),
                    "blk" + i,
                    image(request.devices().get(i))));
        }
        return servers;
    }

    private static String image(LabDevice device) {
        return switch (device) {
            case LabDevice.Disk disk -> disk.file() + (disk.access() == DiskAccess.READ_ONLY ? ", read only" : "");
            case LabDevice.MemoryDisk _, LabDevice.Rng _, LabDevice.RootPort _, LabDevice.Bridge _ ->
                throw new IllegalArgumentException("no daemon serves %s: the call let it pass".formatted(device.id()));
        };
    }
}
