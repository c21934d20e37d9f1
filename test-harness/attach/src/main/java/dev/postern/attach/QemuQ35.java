package dev.postern.attach;

import com.fasterxml.jackson.databind.JsonNode;
import dev.postern.machine.Cpu;
import dev.postern.machine.CpuFacts;
import dev.postern.machine.InterruptLines;
import dev.postern.machine.Machine;
import dev.postern.machine.PortSpace;
import dev.postern.machine.PrivilegedActs;
import dev.postern.machine.RamRegion;
import dev.postern.machine.RegisterSpace;
import dev.postern.os.ChildProcess;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A real QEMU q35 whose own CPU sleeps for ever, with this JVM in its place: RAM is memory that both map, registers are
 * reached over the test socket, interrupt lines are heard of over it, and a message-signalled interrupt lands in RAM.
 *
 * <p>No firmware ran: bridges are not programmed, no BAR is placed, the ECAM window is off, and the ACPI tables are
 * still in QEMU (fw_cfg).
 *
 * <p>On a {@link SecurePlatform} the RAM that both map is a window, and the rest is private to this JVM.
 *
 * <p>As for every machine, one thread at a time uses the pins. {@link #qmp}, {@link #qmpEvents()}, {@link #pid()}, the proofs and searches,
 * and {@link #close()} are safe from any thread. QEMU ends with this JVM, however that ends.
 */
public final class QemuQ35 implements Machine {

    /** What the command line and the log call it. */
    public static final String NAME = "qemu-q35";

    private final ChildProcess qemu;
    private final QemuDeath death;
    private final GuestMemory memory;
    private final Optional<SecureCpu> secureCpu;
    private final String isolation;
    private final QtestClient qtest;
    private final QmpClient qmp;
    private final Cpu cpu;
    private final RegisterSpace registers;
    private final PortSpace ports;
    private final InterruptLines interruptLines;

    QemuQ35(
            ChildProcess qemu,
            QemuDeath death,
            GuestMemory memory,
            Optional<SecureCpu> secureCpu,
            String isolation,
            QtestClient qtest,
            QmpClient qmp) {
        this.qemu = qemu;
        this.death = death;
        this.memory = memory;
        this.secureCpu = secureCpu;
        this.isolation = isolation;
        this.qtest = qtest;
        this.qmp = qmp;
        this.cpu = new QemuCpu(qtest);
        this.registers = new QemuRegisters(qtest, memory);
        this.ports = new QemuPorts(qtest);
        this.interruptLines = new QemuInterruptLines(qtest);
    }

    /** A machine with 128 MiB of RAM, half of it above 4 GiB, and no device but the chipset's own. */
    public static QemuQ35Builder builder() {
        return new QemuQ35Builder();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<RamRegion> ram() {
        return memory.regions();
    }

    /** The RAM that QEMU maps: the window on a secure platform, all of it on a plain one. */
    @Override
    public List<RamRegion> shareableRam() {
        return memory.shareable();
    }

    @Override
    public Cpu cpu() {
        return cpu;
    }

    /**
     * {@inheritDoc}
     *
     * <p>QEMU differs here: outside of configuration space an address that belongs to no device reads as zero.
     */
    @Override
    public RegisterSpace registers() {
        return registers;
    }

    @Override
    public Optional<PortSpace> ports() {
        return Optional.of(ports);
    }

    @Override
    public Optional<InterruptLines> interruptLines() {
        return Optional.of(interruptLines);
    }

    /** Of the secure platform; empty on a plain one, for the CPU in the JVM's place cannot be asked. */
    @Override
    public Optional<CpuFacts> cpuFacts() {
        return secureCpu.map(cpu -> cpu);
    }

    /**
     * Of the secure platform; empty on a plain one.
     *
     * <p>Conversions act inside the window and are refused outside of it, in the platform's own codes. Each loses the
     * content of its pages. What silicon answers with the end of the guest ends the machine.
     */
    @Override
    public Optional<PrivilegedActs> privilegedActs() {
        return secureCpu.map(cpu -> cpu);
    }

    /** Empty: no firmware ran. */
    @Override
    public OptionalLong acpiRootPa() {
        return OptionalLong.empty();
    }

    /**
     * Runs a command of QEMU's control protocol, such as {@code block_resize} with the id of a disk as
     * {@code node-name}.
     *
     * @param command its name
     * @param arguments by name: strings, numbers, booleans, lists and maps
     * @return what QEMU returned
     * @throws QmpException when QEMU refuses
     * @throws dev.postern.machine.MachineDiedException when QEMU has gone, or has not answered for 30 seconds
     */
    public JsonNode qmp(String command, Map<String, ?> arguments) {
        return qmp.command(command, arguments);
    }

    /**
     * The events that QEMU has reported over its control protocol, oldest first; the last 256.
     *
     * @throws dev.postern.machine.MachineDiedException when QEMU has gone
     */
    public List<JsonNode> qmpEvents() {
        return qmp.events();
    }

    /** The process id of QEMU. */
    public long pid() {
        return qemu.pid();
    }

    /**
     * Whether silicon would let a device of the host read this byte now: always in RAM of a plain platform, and in a
     * shared page of a secure one. QEMU itself can read all of {@link #shareableRam()} at any time.
     */
    public boolean isShared(long pa) {
        return secureCpu.isPresent()
                ? secureCpu.get().shared(pa)
                : memory.shareable().stream().anyMatch(region -> region.contains(pa, 1));
    }

    /** What keeps QEMU from this JVM's memory, as a sentence for the log. */
    public String isolation() {
        return isolation;
    }

    /**
     * Compares what QEMU has mapped and open with what this JVM has.
     *
     * @throws IOException when QEMU has gone, or the system does not let us look
     */
    public MemoryMapProof memoryMapProof() throws IOException {
        return MemoryMapProof.of("QEMU", pid(), memory.file());
    }

    /**
     * Where some bytes are in what QEMU can read of us: the file behind {@link #shareableRam()}, all of it, whatever the
     * state of its pages.
     *
     * @param needle at least 8 bytes
     * @return physical addresses, ascending; an occurrence across the hole below 4 GiB begins before it
     */
    public List<Long> findInWindow(byte[] needle) {
        try {
            return memory.find(needle).stream().map(memory.map()::paOf).toList();
        } catch (IOException e) {
            throw new IllegalStateException("memory is read without an error", e);
        }
    }

    /**
     * Where some bytes are in all memory of QEMU's process, the window among it. What this JVM sends over a socket,
     * such as a register's value, gets there too.
     *
     * @param needle at least 8 bytes
     * @throws IOException when QEMU has gone, or when the system does not let us look: root may always
     */
    public ProcessScan findInProcess(byte[] needle) throws IOException {
        return ProcessScan.of(pid(), needle);
    }

    /** What QEMU reads at a physical address, RAM included, past every check of ours. */
    long readAsQemu(long pa) {
        return qtest.read(QtestAccess.READ64, pa);
    }

    @Override
    public void close() {
        death.expect();
        qtest.close();
        qmp.close();
        qemu.close();
        try {
            memory.close();
        } catch (IllegalStateException e) {
            // Another thread is inside a call on this memory. It stays until the JVM ends; QEMU is gone in any case.
        }
    }
}
