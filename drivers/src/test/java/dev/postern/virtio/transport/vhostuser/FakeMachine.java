package dev.postern.virtio.transport.vhostuser;

import dev.postern.machine.Channel;
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
 * A machine with RAM and one channel.
 *
 * @param cpu what waits
 * @param ram all of it can be shared
 * @param channel the only one
 */
record FakeMachine(Cpu cpu, List<RamRegion> ram, Channel channel) implements Machine {

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public RegisterSpace registers() {
        throw new AssertionError("there are no registers");
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

    @Override
    public List<Channel> channels() {
        return List.of(channel);
    }

    @Override
    public void close() {
        // Nothing was opened.
    }
}
