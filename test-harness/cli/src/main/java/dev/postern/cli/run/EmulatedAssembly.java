package dev.postern.cli.run;

import dev.postern.emulated.EmulatedMachine;
import dev.postern.emulated.MachineBuilder;
import dev.postern.emulated.Platform;
import dev.postern.lab.EmulatedDevices;
import dev.postern.machine.Machine;

/** Puts an emulated machine together. */
final class EmulatedAssembly {

    private EmulatedAssembly() {}

    /**
     * Builds the machine; the caller closes it.
     *
     * @param watch what of its devices is written down
     * @throws dev.postern.emulated.MachineConfigurationException when it cannot be as asked for
     */
    static Machine build(BootRequest request, GuestWork.Watch watch) {
        MachineBuilder builder = EmulatedMachine.builder()
                .seed(request.seed())
                .ramBytes(request.ramBytes())
                .platform(Platform.named(request.platform()));
        if (watch == GuestWork.Watch.MEMORY_ACCESSES) {
            builder.auditDevices();
        }
        request.devices().forEach(device -> builder.device(EmulatedDevices.spec(device)));
        return builder.build();
    }
}
