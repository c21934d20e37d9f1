package dev.postern.cli.run;

import dev.postern.attach.SecurePlatform;
import dev.postern.attach.VhostUserMachine;
import dev.postern.attach.VhostUserMachineBuilder;
import dev.postern.lab.VhostUserDevices;
import dev.postern.machine.Machine;

/** Puts a machine together whose disks are processes of their own. */
final class VhostUserAssembly {

    private VhostUserAssembly() {}

    /**
     * Starts a daemon for each disk, or joins the back-end that the call names; the caller closes the machine.
     *
     * @throws dev.postern.cli.WrongCallException when there is no socket to join
     * @throws dev.postern.attach.QemuUnavailableException when a daemon is needed and not installed here
     * @throws dev.postern.attach.MachineConfigurationException when it cannot be as asked for
     * @throws dev.postern.machine.MachineDiedException when a daemon ended while it started
     */
    static Machine build(BootRequest request) {
        VhostUserMachineBuilder builder = VhostUserMachine.builder().ramBytes(request.ramBytes());
        SecurePlatform platform = SecurePlatform.named(request.platform());
        if (platform != SecurePlatform.PLAIN) {
            builder.platform(platform).windowBytes(SharedSpace.windowBytes(request.ramBytes()));
        }
        request.devices().forEach(device -> builder.disk(VhostUserDevices.disk(device)));
        request.machine().socket().ifPresent(socket -> {
            new JoinedSocket(socket).require();
            builder.join(socket);
        });
        return builder.build();
    }
}
