package dev.postern.fakes;

import dev.postern.machine.Cpu;
import dev.postern.machine.InterruptLines;
import dev.postern.machine.Machine;
import dev.postern.machine.PortSpace;
import dev.postern.machine.RamRegion;
import dev.postern.machine.RegisterSpace;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Pins put together from parts.
 *
 * @param ram the regions
 * @param registers the physical address space
 * @param ports the port space, if any
 */
public record FakeMachine(List<RamRegion> ram, RegisterSpace registers, Optional<PortSpace> ports) implements Machine {

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public Cpu cpu() {
        return new FakeCpu(1_000_000, 0);
    }

    @Override
    public Optional<InterruptLines> interruptLines() {
        return Optional.empty();
    }

    @Override
    public OptionalLong acpiRootPa() {
        return OptionalLong.empty();
    }

    @Override
    public void close() {}
}
