package dev.postern.lab;

import dev.postern.attach.QemuQ35;
import dev.postern.attach.VhostUserMachine;
import dev.postern.emulated.EmulatedMachine;
import dev.postern.emulated.GuestError;
import dev.postern.machine.Machine;
import dev.postern.memory.PhysRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A machine of any kind, with the few things that a test does to it from outside.
 *
 * <p><b>Ownership:</b> whoever opens it closes it, after the guest. <b>Threads:</b> the guest's.
 */
public sealed interface LabMachine extends AutoCloseable {

    /**
     * Opens a plain machine.
     *
     * @param devices in the order in which the guest finds them, a bridge or port before what is behind it
     */
    static LabMachine open(MachineKind kind, List<LabDevice> devices) {
        return open(kind, PlatformKind.PLAIN, devices);
    }

    /**
     * Opens a machine on a platform.
     *
     * @param devices in the order in which the guest finds them, a bridge or port before what is behind it
     * @throws IllegalArgumentException when the machine cannot be on that platform
     */
    static LabMachine open(MachineKind kind, PlatformKind platform, List<LabDevice> devices) {
        if (!kind.platforms().contains(platform)) {
            throw new IllegalArgumentException(
                    "the machine %s cannot be on the platform %s: choose one of %s, or the emulated machine"
                            .formatted(kind, platform, kind.platforms()));
        }
        return switch (kind) {
            case EMULATED -> new Emulated(EmulatedDevices.machine(platform, devices));
            case QEMU_Q35 -> new Qemu(QemuDevices.machine(platform, devices));
            case VHOST_USER -> new VhostUser(VhostUserDevices.machine(platform, devices));
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

    /** The pages that devices may reach now, ascending, as the machine counts them and not as the guest does. */
    List<PhysRange> sharedPages();

    /**
     * Looks out for some bytes from now on, where the machine can see what devices read.
     *
     * @param needle at least 16 bytes
     */
    void watch(byte[] needle);

    /**
     * Where some bytes came within reach of devices of a guest on a secure platform, one line each: what they read, and what they
     * could read now.
     *
     * @param needle watched since before it was put into memory
     */
    List<String> sightings(byte[] needle);

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

        @Override
        public List<PhysRange> sharedPages() {
            return machine.sharedPages().ranges().stream()
                    .map(range -> new PhysRange(range.basePa(), range.length()))
                    .toList();
        }

        @Override
        public void watch(byte[] needle) {
            machine.audit().watch(needle);
        }

        @Override
        public List<String> sightings(byte[] needle) {
            List<String> seen = new ArrayList<>();
            machine.audit().findInDeviceReads(needle).forEach(sighting -> seen.add("read: " + sighting));
            machine.audit().findInSharedPages(needle).forEach(pa -> seen.add("shared: 0x%x".formatted(pa)));
            return seen;
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

        @Override
        public List<PhysRange> sharedPages() {
            return SharedWindow.pages(machine.shareableRam(), machine::isShared);
        }

        @Override
        public void watch(byte[] needle) {
            // QEMU tells nobody what its devices read; what they could read holds it for ever, or it never got there.
        }

        @Override
        public List<String> sightings(byte[] needle) {
            return machine.findInWindow(needle).stream()
                    .map(pa -> "window: 0x%x".formatted(pa))
                    .toList();
        }
    }

    /**
     * A machine whose disks are processes of their own.
     *
     * @param machine the machine
     */
    record VhostUser(VhostUserMachine machine) implements LabMachine {
        @Override
        public MachineKind kind() {
            return MachineKind.VHOST_USER;
        }

        @Override
        public List<String> guestErrors() {
            return List.of();
        }

        /** Skips the test: the daemon is told the size of its image once, when it starts. */
        @Override
        public void resize(String disk, long bytes) {
            Peers.skip("vhost-user: the disks of qemu-storage-daemon keep their size");
        }

        @Override
        public List<PhysRange> sharedPages() {
            return SharedWindow.pages(machine.shareableRam(), machine::isShared);
        }

        @Override
        public void watch(byte[] needle) {
            // Nobody tells what a daemon reads; what it could read holds it for ever, or it never got there.
        }

        @Override
        public List<String> sightings(byte[] needle) {
            return machine.findInWindow(needle).stream()
                    .map(pa -> "window: 0x%x".formatted(pa))
                    .toList();
        }
    }

    /**
     * A machine some of whose pins answer otherwise.
     *
     * @param inside what is asked from outside
     * @param machine what the guest gets
     */
    record Overlaid(LabMachine inside, OverlaidMachine machine) implements LabMachine {
        @Override
        public MachineKind kind() {
            return inside.kind();
        }

        @Override
        public List<String> guestErrors() {
            return inside.guestErrors();
        }

        @Override
        public void resize(String disk, long bytes) {
            inside.resize(disk, bytes);
        }

        @Override
        public List<PhysRange> sharedPages() {
            return inside.sharedPages();
        }

        @Override
        public void watch(byte[] needle) {
            inside.watch(needle);
        }

        @Override
        public List<String> sightings(byte[] needle) {
            return inside.sightings(needle);
        }
    }
}
