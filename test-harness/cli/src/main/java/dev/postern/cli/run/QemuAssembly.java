package dev.postern.cli.run;

import dev.postern.attach.QemuQ35;
import dev.postern.attach.QemuQ35Builder;
import dev.postern.attach.SecurePlatform;
import dev.postern.lab.QemuDevices;
import dev.postern.machine.Machine;

/** Puts a QEMU machine together. */
final class QemuAssembly {

    private QemuAssembly() {}

    /**
     * Starts the machine; the caller closes it.
     *
     * @throws dev.postern.attach.MachineConfigurationException when it cannot be as asked for
     * @throws dev.postern.attach.QemuUnavailableException when there is no QEMU here
     * @throws dev.postern.machine.MachineDiedException when QEMU ended while it started
     */
    static Machine build(BootRequest request) {
        QemuQ35Builder builder = QemuQ35.builder().ramBytes(request.ramBytes());
        SecurePlatform platform = SecurePlatform.named(request.platform());
        if (platform != SecurePlatform.PLAIN) {
            builder.platform(platform).windowBytes(SharedSpace.windowBytes(request.ramBytes()));
        }
        request.devices().forEach(device -> builder.device(QemuDevices.device(device)));
        return builder.build();
    }
}
