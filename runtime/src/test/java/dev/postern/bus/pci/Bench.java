package dev.postern.bus.pci;

import dev.postern.fakes.FakeMachine;
import dev.postern.fakes.FakeRam;
import dev.postern.firmware.acpi.Mcfg;
import java.util.List;
import java.util.Optional;

/** A machine around a model bus. */
final class Bench {

    static final Mcfg MCFG = new Mcfg(List.of(new Mcfg.Segment(ModelBus.ECAM, 0, 0, 255)));

    private Bench() {}

    static FakeMachine machine(ModelBus bus) {
        return new FakeMachine(List.of(FakeRam.region(0, 1 << 20)), bus, Optional.of(bus));
    }

    static PciTree enumerate(ModelBus bus) {
        return PciTree.enumerate(PciHost.discover(machine(bus), Optional.of(MCFG)));
    }

    static PciFunction at(PciTree tree, String address) {
        return tree.functions().stream()
                .filter(function -> function.address().toString().equals(address))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no function at " + address + ": " + tree.functions()));
    }
}
