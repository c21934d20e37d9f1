package dev.postern.attach;

import dev.postern.machine.Channel;
import dev.postern.machine.Cpu;
import dev.postern.machine.CpuFacts;
import dev.postern.machine.InterruptLines;
import dev.postern.machine.Machine;
import dev.postern.machine.PortSpace;
import dev.postern.machine.PrivilegedActs;
import dev.postern.machine.RamRegion;
import dev.postern.machine.RegisterSpace;
import dev.postern.os.DescriptorSet;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A machine whose devices are other processes, reached over vhost-user channels: a stream socket each, eventfds, and RAM that both map.
 *
 * <p>It has no bus, no registers, no ports, no firmware and no interrupt controller. RAM that devices may be given is one region with a
 * file behind it; on a {@link SecurePlatform} that is a window, and the rest is private to this JVM and has no file.
 *
 * <p>As for every machine, one thread at a time uses the pins. {@link #daemons()}, the proofs and searches, and {@link #close()} are
 * safe from any thread. The daemons end with this JVM, however that ends.
 */
public final class VhostUserMachine implements Machine {

    /** What the command line and the log call it. */
    public static final String NAME = "vhost-user";

    private final GuestMemory memory;
    private final String ramPages;
    private final Optional<SecureCpu> secureCpu;
    private final String isolation;
    private final List<StorageDaemon> daemons;
    private final List<BackendChannel> channels;
    private final DescriptorSet descriptors;
    private final MachineEnd end;
    private final Cpu cpu;
    private final RegisterSpace registers;

    VhostUserMachine(
            GuestMemory memory,
            String ramPages,
            Optional<SecureCpu> secureCpu,
            String isolation,
            List<StorageDaemon> daemons,
            List<BackendChannel> channels,
            DescriptorSet descriptors,
            MachineEnd end) {
        this.memory = memory;
        this.ramPages = ramPages;
        this.secureCpu = secureCpu;
        this.isolation = isolation;
        this.daemons = List.copyOf(daemons);
        this.channels = List.copyOf(channels);
        this.descriptors = descriptors;
        this.end = end;
        this.cpu = new VhostUserCpu(descriptors, end);
        this.registers = new NoRegisters(memory, end);
    }

    /** A machine with 128 MiB of RAM and no device. */
    public static VhostUserMachineBuilder builder() {
        return new VhostUserMachineBuilder();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<RamRegion> ram() {
        return memory.regions();
    }

    /** The RAM that a back-end can be given: the window on a secure platform, all of it on a plain one. */
    @Override
    public List<RamRegion> shareableRam() {
        return memory.shareable();
    }

    @Override
    public Cpu cpu() {
        return cpu;
    }

    /** There are none: reads are all ones. */
    @Override
    public RegisterSpace registers() {
        return registers;
    }

    @Override
    public Optional<PortSpace> ports() {
        return Optional.empty();
    }

    @Override
    public Optional<InterruptLines> interruptLines() {
        return Optional.empty();
    }

    @Override
    public OptionalLong acpiRootPa() {
        return OptionalLong.empty();
    }

    /** One for each disk and each back-end that was joined, in the order in which they were added. */
    @Override
    public List<Channel> channels() {
        return List.copyOf(channels);
    }

    /** Of the secure platform; empty on a plain one. */
    @Override
    public Optional<CpuFacts> cpuFacts() {
        return secureCpu.map(secure -> secure);
    }

    /**
     * Of the secure platform; empty on a plain one.
     *
     * <p>Conversions act inside the window and are refused outside of it, in the platform's own codes. Each loses the content of its pages.
     * What silicon answers with the end of the guest ends the machine.
     */
    @Override
    public Optional<PrivilegedActs> privilegedActs() {
        return secureCpu.map(secure -> secure);
    }

    /** The storage daemons that this machine started, in the order of their disks. */
    public List<StorageDaemon> daemons() {
        return daemons;
    }

    /** In which pages the RAM is that back-ends are given, and why, for the log. */
    public String ramPages() {
        return ramPages;
    }

    /** What keeps the back-ends from this JVM's memory, as a sentence for the log. */
    public String isolation() {
        return isolation;
    }

    /**
     * Whether silicon would let a device of the host read this byte now: always in RAM of a plain platform, and in a shared page of a
     * secure one. A back-end can read all of {@link #shareableRam()} at any time.
     */
    public boolean isShared(long pa) {
        return secureCpu.isPresent()
                ? secureCpu.get().shared(pa)
                : memory.shareable().stream().anyMatch(region -> region.contains(pa, 1));
    }

    /**
     * Compares what a daemon has mapped and open with what this JVM has. It maps the window while it is connected and was given the window.
     *
     * @throws IOException when the daemon has gone, or the system does not let us look
     */
    public MemoryMapProof memoryMapProof(StorageDaemon daemon) throws IOException {
        return MemoryMapProof.of("the storage daemon", daemon.pid(), memory.file());
    }

    /**
     * Where some bytes are in what back-ends can be given: the file behind {@link #shareableRam()}, all of it, whatever the state of
     * its pages.
     *
     * @param needle at least 8 bytes
     * @return physical addresses, ascending
     */
    public List<Long> findInWindow(byte[] needle) {
        try {
            return memory.find(needle).stream().map(memory.map()::paOf).toList();
        } catch (IOException e) {
            throw new IllegalStateException("memory is read without an error", e);
        }
    }

    /**
     * Where some bytes are in all memory of a daemon's process, the window among it while it maps that.
     *
     * @param needle at least 8 bytes
     * @throws IOException when the daemon has gone, or when the system does not let us look: root may always
     */
    public ProcessScan findInProcess(StorageDaemon daemon, byte[] needle) throws IOException {
        return ProcessScan.of(daemon.pid(), needle);
    }

    @Override
    public void close() {
        end.byClosing();
        // First, so that the guest's thread waits no more and what follows does not change what it looks at.
        descriptors.close();
        channels.forEach(BackendChannel::close);
        daemons.forEach(StorageDaemon::close);
        try {
            memory.close();
        } catch (IllegalStateException e) {
            // Another thread is inside a call on this memory. It stays until the JVM ends; the daemons are gone in any
            // case.
        }
    }
}
