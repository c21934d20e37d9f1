package dev.postern.lab;

import dev.postern.attach.QemuQ35;
import dev.postern.emulated.EmulatedMachine;
import dev.postern.emulated.GuestError;
import dev.postern.machine.Machine;
import java.util.List;
import java.util.Map;

/**
 * A machine of either kind, with the few things that a test does to it from outside.
 *
 * <p><b>Ownership:</b> whoever opens it closes it, after the guest. <b>Threads:</b> the guest's.
 */
public sealed interface LabMachine extends AutoCloseable {

    /**
     * Opens a machine.
     *
     * @param devices in the order in which the guest finds them, a bridge or port before what is behind it
     */
    static LabMachine open(MachineKind kind, List<LabDevice> devices) {
        return switch (kind) {
            case EMULATED -> new Emulated(EmulatedDevices.machine(devices));
            case QEMU_Q35 -> new Qemu(QemuDevices.machine(devices));
        };
    }

    /** Which machine it is. */
    MachineKind kind();

    /** Its pins. */
    Machine machine();

    /** What the guest did against the rules so far, one line each; a machine that does not watch has none to tell. */
    List<String> guestErrors();

    /**
     * Changes the capacity of a disk while the guest runs.
     *
     * @param disk its id
     * @param bytes the new capacity, whole sectors
     */
    void resize(String disk, long bytes);

    @Override
    default void close() {
        machine().close();
    }

    /**
     * The machine in this process.
     *
     * @param machine the machine
     */
    record Emulated(EmulatedMachine machine) implements LabMachine {
        @Override
        public MachineKind kind() {
            return MachineKind.EMULATED;
        }

        @Override
        public List<String> guestErrors() {
            return machine.guestErrors().stream().map(GuestError::toString).toList();
        }

        @Override
        public void resize(String disk, long bytes) {
            machine.disk(disk).changeCapacity(bytes);
        }
    }

    /**
     * A QEMU.
     *
     * @param machine the machine
     */
    record Qemu(QemuQ35 machine) implements LabMachine {
        @Override
        public MachineKind kind() {
            return MachineKind.QEMU_Q35;
        }

        @Override
        public List<String> guestErrors() {
            return List.of();
        }

        @Override
        public void resize(String disk, long bytes) {
            machine.qmp("block_resize", Map.of("node-name", disk, "size", bytes));
        }
    }
}
