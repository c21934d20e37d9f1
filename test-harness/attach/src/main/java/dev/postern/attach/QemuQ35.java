package dev.postern.attach;

import com.fasterxml.jackson.databind.JsonNode;
import dev.postern.machine.Cpu;
import dev.postern.machine.InterruptLines;
import dev.postern.machine.Machine;
import dev.postern.machine.PortSpace;
import dev.postern.machine.RamRegion;
import dev.postern.machine.RegisterSpace;
import dev.postern.os.ChildProcess;
import dev.postern.os.MemoryFile;
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
 * <p>As for every machine, one thread at a time uses the pins. {@link #qmp}, {@link #qmpEvents()}, {@link #pid()} and
 * {@link #close()} are safe from any thread. QEMU ends with this JVM, however that ends.
 */
public final class QemuQ35 implements Machine {

    /** What the command line and the log call it. */
    public static final String NAME = "qemu-q35";

    private final ChildProcess qemu;
    private final QemuDeath death;
    private final MemoryFile ramFile;
    private final List<RamRegion> ram;
    private final QtestClient qtest;
    private final QmpClient qmp;
    private final Cpu cpu;
    private final RegisterSpace registers;
    private final PortSpace ports;
    private final InterruptLines interruptLines;

    QemuQ35(
            ChildProcess qemu,
            QemuDeath death,
            MemoryFile ramFile,
            RamLayout layout,
            QtestClient qtest,
            QmpClient qmp) {
        this.qemu = qemu;
        this.death = death;
        this.ramFile = ramFile;
        this.ram = layout.regions(ramFile.segment());
        this.qtest = qtest;
        this.qmp = qmp;
        this.cpu = new QemuCpu(qtest);
        this.registers = new QemuRegisters(qtest, layout);
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
        return ram;
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
            ramFile.close();
        } catch (IllegalStateException e) {
            // Another thread is inside a call on this memory. It stays until the JVM ends; QEMU is gone in any case.
        }
    }
}
