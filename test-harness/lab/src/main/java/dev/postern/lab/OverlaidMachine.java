package dev.postern.lab;

import dev.postern.machine.Cpu;
import dev.postern.machine.CpuFacts;
import dev.postern.machine.InterruptLines;
import dev.postern.machine.Machine;
import dev.postern.machine.PortSpace;
import dev.postern.machine.PrivilegedActs;
import dev.postern.machine.RamRegion;
import dev.postern.machine.RegisterSpace;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/**
 * A machine some of whose pins answer other than they would: for devices and platforms that no machine here has.
 *
 * @param inside all other pins, and what is closed
 * @param registers what the guest gets in place of the registers
 * @param facts what it gets in place of the CPU's facts
 * @param acts what it gets in place of the privileged acts
 */
public record OverlaidMachine(
        Machine inside, RegisterSpace registers, Optional<CpuFacts> facts, Optional<PrivilegedActs> acts)
        implements Machine {

    /** One with other registers. */
    public static OverlaidMachine registers(Machine inside, UnaryOperator<RegisterSpace> overlay) {
        return new OverlaidMachine(
                inside, overlay.apply(inside.registers()), inside.cpuFacts(), inside.privilegedActs());
    }

    /** One with another CPU. */
    public static OverlaidMachine cpu(
            Machine inside, UnaryOperator<CpuFacts> facts, UnaryOperator<PrivilegedActs> acts) {
        return new OverlaidMachine(
                inside,
                inside.registers(),
                inside.cpuFacts().map(facts),
                inside.privilegedActs().map(acts));
    }

    @Override
    public String name() {
        return inside.name();
    }

    @Override
    public List<RamRegion> ram() {
        return inside.ram();
    }

    @Override
    public List<RamRegion> shareableRam() {
        return inside.shareableRam();
    }

    @Override
    public Cpu cpu() {
        return inside.cpu();
    }

    @Override
    public Optional<PortSpace> ports() {
        return inside.ports();
    }

    @Override
    public Optional<InterruptLines> interruptLines() {
        return inside.interruptLines();
    }

    @Override
    public OptionalLong acpiRootPa() {
        return inside.acpiRootPa();
    }

    @Override
    public Optional<byte[]> deviceTree() {
        return inside.deviceTree();
    }

    @Override
    public OptionalLong xenStartInfoPa() {
        return inside.xenStartInfoPa();
    }

    @Override
    public Optional<CpuFacts> cpuFacts() {
        return facts;
    }

    @Override
    public Optional<PrivilegedActs> privilegedActs() {
        return acts;
    }

    @Override
    public void close() {
        inside.close();
    }
}
