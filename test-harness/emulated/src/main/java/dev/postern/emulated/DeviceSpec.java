package dev.postern.emulated;

import java.util.Optional;

/**
 * A device to build into a machine, in QEMU's words. Devices are put into the free slots of their bus in the order in
 * which they are given; a bus must be given before what sits on it.
 */
public sealed interface DeviceSpec permits VirtioSpec, RootPort, Bridge {

    /** The bus of a device that names none. */
    String ROOT_BUS = "pcie.0";

    /** The name of the device, unique in its machine; the machine makes one up when empty. */
    Optional<String> id();

    /** The id of the port or bridge above, or {@link #ROOT_BUS}. */
    String bus();
}
