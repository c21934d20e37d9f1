package dev.postern.bus.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.Mockito.mock;

import dev.postern.fakes.FakeMachine;
import dev.postern.fakes.FakeRam;
import dev.postern.firmware.acpi.Mcfg;
import dev.postern.machine.RamRegion;
import dev.postern.machine.RegisterSpace;
import dev.postern.memory.PhysRange;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PciHostTest {

    private static final long GIB = 1L << 30;

    /** RAM that nobody touches: only its size is real, so that hundreds of GiB cost nothing. */
    @SuppressWarnings("restricted")
    private static RamRegion hollow(long basePa, long bytes) {
        return new RamRegion(basePa, MemorySegment.NULL.reinterpret(bytes));
    }

    private static PciHost discover(ModelBus bus, Optional<Mcfg> mcfg, RamRegion... ram) {
        return PciHost.discover(new FakeMachine(List.of(ram), bus, Optional.of(bus)), mcfg);
    }

    @Test
    void ecamIsTakenFromMcfg() {
        PciHost host = discover(ModelBus.plain(), Optional.of(Bench.MCFG), FakeRam.region(0, 4096));
        assertEquals("ECAM at 0xb0000000, buses 0 to 255", host.configSpace().toString());
        assertEquals(List.of(), host.warnings());
    }

    @Test
    void onAQ35WithoutFirmwareTheWindowIsEnabled() {
        ModelBus bus = ModelBus.q35();
        PciHost host = discover(bus, Optional.empty(), FakeRam.region(0, 4096));
        assertEquals("ECAM at 0xb0000000, buses 0 to 255", host.configSpace().toString());
        assertEquals(0xb000_0001L, bus.root.get(0).get(0x60, 4));
    }

    @Test
    void aWindowThatIsOnAlreadyIsUsedWhereItIs() {
        ModelBus bus = ModelBus.q35();
        bus.root.get(0).write(0x60, 4, 0xe000_0003);
        PciHost host = discover(bus, Optional.empty(), FakeRam.region(0, 4096));
        assertEquals("ECAM at 0xe0000000, buses 0 to 127", host.configSpace().toString());
        assertEquals(
                Optional.of(PhysRange.between(0xc000_0000L, 0xe000_0000L)),
                host.lowWindow(),
                "functions are placed beside the window");
    }

    @Test
    void aWindowInRamIsNotUsed() {
        PciHost host = discover(ModelBus.q35(), Optional.empty(), hollow(0, 3 * GIB));
        assertInstanceOf(PortConfigSpace.class, host.configSpace());
        assertEquals(
                List.of("PCI: the ECAM window 0xb0000000-0xbfffffff would overlap RAM; ports 0xcf8 and 0xcfc are used"),
                host.warnings());
    }

    @Test
    void anMcfgThatNamesRamOrNothingIsNotUsed() {
        ModelBus bus = ModelBus.plain();
        PciHost overlapping = discover(bus, Optional.of(Bench.MCFG), hollow(0, 3 * GIB));
        assertInstanceOf(PortConfigSpace.class, overlapping.configSpace());
        assertTrue(overlapping.warnings().getFirst().contains("overlaps RAM"));
        bus.ecamOn = false;
        PciHost silent = discover(bus, Optional.of(Bench.MCFG), FakeRam.region(0, 4096));
        assertInstanceOf(PortConfigSpace.class, silent.configSpace());
        assertTrue(silent.warnings().getFirst().contains("nothing answers"));
        Mcfg other = new Mcfg(List.of(new Mcfg.Segment(ModelBus.ECAM, 3, 0, 255)));
        assertTrue(discover(bus, Optional.of(other), FakeRam.region(0, 4096))
                .warnings()
                .getFirst()
                .contains("segment 0"));
    }

    @Test
    void aMachineWithoutPciSaysSo() {
        FakeMachine machine =
                new FakeMachine(List.of(FakeRam.region(0, 4096)), mock(RegisterSpace.class), Optional.empty());
        PciException error = assertThrows(PciException.class, () -> PciHost.discover(machine, Optional.of(Bench.MCFG)));
        assertTrue(error.getMessage().startsWith("PCI: machine fake has no host bridge"), error.getMessage());
    }

    @Test
    void theWindowsLieBesideRam() {
        PciHost small = discover(ModelBus.q35(), Optional.empty(), FakeRam.region(0, 4096));
        assertEquals(Optional.of(PhysRange.between(3 * GIB, 0xfec0_0000L)), small.lowWindow());
        assertEquals(Optional.of(PhysRange.between(64 * GIB, 512 * GIB)), small.highWindow());

        PciHost large =
                discover(ModelBus.plain(), Optional.empty(), hollow(0, 3 * GIB + 4096), hollow(4 * GIB, 100 * GIB));
        assertEquals(Optional.of(PhysRange.between(3 * GIB + (1 << 20), 0xfec0_0000L)), large.lowWindow());
        assertEquals(Optional.of(PhysRange.between(128 * GIB, 512 * GIB)), large.highWindow());
    }

    @Test
    void whereRamLeavesNoRoomThereIsNoWindow() {
        PciHost full = discover(ModelBus.plain(), Optional.empty(), hollow(0, 4 * GIB), hollow(4 * GIB, 500 * GIB));
        assertEquals(Optional.empty(), full.lowWindow());
        assertEquals(Optional.empty(), full.highWindow());
    }

    @Test
    void aFunctionThatFindsNoWindowSaysSo() {
        ModelBus bus = ModelBus.plain().put(2, 0, ModelFunction.endpoint(2).bar32(0, 4096));
        PciTree tree =
                PciTree.enumerate(discover(bus, Optional.empty(), hollow(0, 4 * GIB), hollow(4 * GIB, 500 * GIB)));
        assertEquals(
                List.of("PCI 00:02.0 1234:0002: BAR 0 (32-bit, 0x1000 bytes) does not fit: the host has no window for"
                        + " it; the function stays disabled"),
                tree.problems());
    }

    @ParameterizedTest
    @CsvSource({
        "0,1,20", "3,1,23", "3,2,20", "3,4,22", "24,1,20", "24,4,23", "25,1,16", "28,2,17", "29,4,19", "30,1,20",
        "30,4,23", "31,1,16", "31,3,18"
    })
    void theRootBusOfAnIch9EndsAtTheseLines(int slot, int pin, int gsi) {
        ModelBus bus = ModelBus.q35();
        (slot == 0
                        ? bus.root.get(0)
                        : bus.put(slot, 0, ModelFunction.endpoint(2)).root.get(slot << 3))
                .pin(pin);
        PciTree tree = Bench.enumerate(bus);
        assertEquals(gsi, tree.host().intxGsi(Bench.at(tree, "00:%02x.0".formatted(slot))));
    }

    @Test
    void everyBridgeTurnsThePins() {
        ModelFunction inner =
                ModelFunction.bridge(3).put(6, 0, ModelFunction.endpoint(4).pin(2));
        ModelBus bus = ModelBus.q35().put(5, 0, ModelFunction.bridge(2).put(3, 0, inner));
        PciTree tree = Bench.enumerate(bus);
        // Pin B is 1; behind the inner bridge 6 + 1 = 7, pin D; behind the outer 3 + 3 = 6, pin C; slot 5 + 2 = 7.
        assertEquals(23, tree.host().intxGsi(Bench.at(tree, "02:06.0")));
    }

    @Test
    void aFunctionWithoutPinAndAHostThatIsNotKnownHaveNoLine() {
        ModelBus bus = ModelBus.q35()
                .put(2, 0, ModelFunction.endpoint(2))
                .put(3, 0, ModelFunction.endpoint(3).pin(5));
        PciTree tree = Bench.enumerate(bus);
        PciHost host = tree.host();
        assertEquals(
                "PCI 00:02.0 1234:0002: it has no INTx pin: use MSI-X or polling",
                assertThrows(PciException.class, () -> host.intxGsi(Bench.at(tree, "00:02.0")))
                        .getMessage());
        assertEquals(0, Bench.at(tree, "00:03.0").interruptPin());
        PciTree unknown = Bench.enumerate(
                ModelBus.plain().put(2, 0, ModelFunction.endpoint(2).pin(1)));
        assertThrows(PciException.class, () -> unknown.host().intxGsi(Bench.at(unknown, "00:02.0")));
    }
}
