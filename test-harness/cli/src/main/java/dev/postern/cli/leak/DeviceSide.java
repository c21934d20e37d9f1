package dev.postern.cli.leak;

import dev.postern.attach.QemuQ35;
import dev.postern.attach.VhostUserMachine;
import dev.postern.emulated.EmulatedMachine;
import dev.postern.machine.Machine;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;

/** What devices and their host have of the guest's memory: what they can read now, and what they did read. */
public sealed interface DeviceSide permits EmulatedSide, WindowSide {

    /**
     * The device side of a machine, which watches for canaries from now on where it can.
     *
     * @param platform the preset that the machine was built as
     */
    static DeviceSide of(Machine machine, String platform, List<Canary> canaries) {
        return switch (machine) {
            case EmulatedMachine emulated -> EmulatedSide.watching(emulated, platform, canaries);
            case QemuQ35 qemu -> WindowSide.of(qemu, platform, canaries);
            case VhostUserMachine daemons -> WindowSide.of(daemons, platform, canaries);
            default ->
                throw new IllegalArgumentException("no way to see the device side of %s".formatted(machine.name()));
        };
    }

    /**
     * Searches.
     *
     * @throws IOException when the device side cannot be searched
     */
    LeakScan scan() throws IOException;

    /** Bytes that the host has as shared; empty where it has no such notion. */
    OptionalLong hostSharedBytes();
}
