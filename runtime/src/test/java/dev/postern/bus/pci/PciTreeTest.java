package dev.postern.bus.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.fakes.FakeMachine;
import dev.postern.firmware.acpi.Mcfg;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PciTreeTest {

    private static final long FOUR_GIB = 1L << 32;
    private static final long MIB = 1 << 20;

    private ModelBus bus = ModelBus.plain();

    @AfterEach
    void theModelSawNoViolation() {
        assertEquals(List.of(), bus.violations);
    }

    private static List<String> addresses(PciTree tree) {
        return tree.functions().stream()
                .map(function -> function.address().toString())
                .toList();
    }

    /** Every placed BAR answers where it was placed, and nobody else does. */
    private void assertReachable(PciTree tree) {
        tree.functions().stream()
                .filter(function -> function.problem().isEmpty())
                .forEach(PciFunction::enableMemory);
        int mark = 1;
        for (PciFunction function : tree.functions()) {
            for (MemoryBar bar : function.bars()) {
                assertEquals(0, bar.pa() % bar.size(), () -> function + ": " + bar);
                for (long pa : new long[] {bar.pa(), bar.pa() + bar.size() - 4}) {
                    mark++;
                    bus.write32(pa, mark);
                    assertEquals(mark, bus.read32(pa), () -> function + ": " + bar);
                }
            }
        }
    }

    @Test
    void functionsComeDepthFirstWithBridgesBeforeWhatIsBehind() {
        bus.put(2, 0, ModelFunction.bridge(2).put(1, 0, ModelFunction.bridge(3).put(0, 0, ModelFunction.endpoint(4))));
        bus.put(5, 0, ModelFunction.bridge(5).put(7, 0, ModelFunction.endpoint(6)));
        bus.put(6, 0, ModelFunction.endpoint(7));
        PciTree tree = Bench.enumerate(bus);
        assertEquals(
                List.of("00:00.0", "00:02.0", "01:01.0", "02:00.0", "00:05.0", "03:07.0", "00:06.0"), addresses(tree));
        assertEquals(
                "01:01.0",
                Bench.at(tree, "02:00.0")
                        .upstreamBridge()
                        .orElseThrow()
                        .address()
                        .toString());
        assertTrue(Bench.at(tree, "00:06.0").upstreamBridge().isEmpty());
        assertEquals(0x020100, Bench.at(tree, "00:02.0").read32(0x18) & 0xffffff);
        assertEquals(0x030300, Bench.at(tree, "00:05.0").read32(0x18) & 0xffffff);
        assertEquals(List.of(), tree.problems());
        assertEquals(List.of(), tree.warnings());
    }

    @Test
    void busNumbersThatFirmwareLeftBehindDoNotDisturb() {
        ModelFunction first = ModelFunction.bridge(2).put(0, 0, ModelFunction.endpoint(3));
        ModelFunction second = ModelFunction.bridge(4).put(0, 0, ModelFunction.endpoint(5));
        first.set16(0x19, 0xff01);
        second.set16(0x19, 0xff01);
        second.set16(0x3e, 0x40);
        bus.put(2, 0, first).put(3, 0, second);
        assertEquals(List.of("00:00.0", "00:02.0", "01:00.0", "00:03.0", "02:00.0"), addresses(Bench.enumerate(bus)));
        assertEquals(0, second.get(0x3e, 1), "the secondary bus is out of reset");
    }

    @Test
    void otherFunctionsAreLookedForOnlyWhenTheFirstSaysSo() {
        bus.put(2, 0, ModelFunction.endpoint(2).multifunction()).put(2, 7, ModelFunction.endpoint(3));
        bus.put(3, 0, ModelFunction.endpoint(4)).put(3, 1, ModelFunction.endpoint(5));
        bus.put(4, 1, ModelFunction.endpoint(6));
        assertEquals(List.of("00:00.0", "00:02.0", "00:02.7", "00:03.0"), addresses(Bench.enumerate(bus)));
    }

    @Test
    void behindARootPortOnlyDeviceZeroIsLookedFor() {
        ModelFunction port = ModelFunction.bridge(2).capability(0x40, 0x10, 0x42, 0);
        bus.put(2, 0, port.put(0, 0, ModelFunction.endpoint(3)).put(1, 0, ModelFunction.endpoint(3)));
        assertEquals(List.of("00:00.0", "00:02.0", "01:00.0"), addresses(Bench.enumerate(bus)));
    }

    @Test
    void aBridgeThatDoesNotKeepItsNumbersIsNotEntered() {
        ModelFunction liar = ModelFunction.bridge(2).put(0, 0, ModelFunction.endpoint(3));
        liar.writable[0x19] = 0;
        bus.put(2, 0, liar).put(3, 0, ModelFunction.endpoint(4).bar32(0, 4096));
        PciTree tree = Bench.enumerate(bus);
        assertEquals(List.of("00:00.0", "00:02.0", "00:03.0"), addresses(tree));
        assertEquals(
                List.of("PCI 00:02.0 1234:0002: it does not keep the bus number 1; the function stays disabled"),
                tree.problems());
        assertReachable(tree);
    }

    @Test
    void anEndlessChainOfBridgesEndsAtTheLastBus() {
        ModelFunction knot = ModelFunction.bridge(9);
        ModelFunction chain = knot;
        for (int i = 0; i < 20; i++) {
            chain = ModelFunction.bridge(8).put(0, 0, chain);
        }
        bus.put(2, 0, chain);
        Mcfg eightBuses = new Mcfg(List.of(new Mcfg.Segment(ModelBus.ECAM, 0, 0, 7)));
        PciTree tree = PciTree.enumerate(PciHost.discover(Bench.machine(bus), Optional.of(eightBuses)));
        assertEquals(9, tree.functions().size());
        assertEquals(
                List.of("PCI 07:00.0 1234:0008: no bus number is left for it, the last is 7; the function stays"
                        + " disabled"),
                tree.problems());
    }

    @Test
    void whatAnEarlierSystemLeftOnIsTurnedOff() {
        ModelFunction left = ModelFunction.endpoint(2).bar32(0, 4096).msix(0x40, 1, 0, 0x800);
        left.capability(0x60, 5);
        left.writable16(0x62, 0xffff);
        left.set16(0x62, 1);
        left.set16(4, 7);
        left.set16(0x42, 0x8000);
        bus.put(2, 0, left);
        PciFunction function = Bench.at(Bench.enumerate(bus), "00:02.0");
        assertFalse(function.busMastering());
        assertEquals(0x400, left.get(4, 2), "memory, ports and bus mastering are off, INTx too");
        assertEquals(0, left.get(0x42, 2), "MSI-X is off");
        assertEquals(0, left.get(0x62, 2), "MSI is off");
    }

    @Test
    void bridgesForwardMemoryAndMasters() {
        ModelFunction bridge =
                ModelFunction.bridge(2).put(0, 0, ModelFunction.endpoint(3).bar32(0, 4096));
        bus.put(2, 0, bridge);
        PciTree tree = Bench.enumerate(bus);
        assertTrue(bridge.masters());
        assertReachable(tree);
        assertEquals(0xf0, bridge.get(0x1c, 2), "no ports are forwarded");
    }

    @Test
    void barsAreSizedAndPlacedByKind() {
        ModelFunction device = ModelFunction.endpoint(2)
                .ioBar(0, 64)
                .bar32(1, 4096)
                .bar64Prefetchable(2, 1L << 33)
                .bar64(4, 16384);
        bus.put(2, 0, device);
        PciTree tree = Bench.enumerate(bus);
        PciFunction function = Bench.at(tree, "00:02.0");
        assertEquals(List.of(new IoBar(0, 64)), function.ioBars());
        assertEquals(BarKind.MEMORY_32, function.bar(1).orElseThrow().kind());
        assertTrue(function.bar(1).orElseThrow().pa() < FOUR_GIB);
        assertEquals(
                BarKind.MEMORY_64_PREFETCHABLE, function.bar(2).orElseThrow().kind());
        assertEquals(1L << 33, function.bar(2).orElseThrow().size());
        assertTrue(function.bar(2).orElseThrow().pa() >= FOUR_GIB);
        assertTrue(function.bar(3).isEmpty(), "an upper half is no BAR");
        assertEquals(BarKind.MEMORY_64, function.bar(4).orElseThrow().kind());
        assertTrue(function.bar(0).isEmpty());
        assertThrows(IllegalArgumentException.class, () -> function.bar(6));
        assertReachable(tree);
    }

    @Test
    void prefetchableMemoryGoesHighOnlyIfEveryBridgeForwardsIt() {
        bus.put(
                2,
                0,
                ModelFunction.bridge(2)
                        .put(
                                0,
                                0,
                                ModelFunction.bridge(3)
                                        .put(0, 0, ModelFunction.endpoint(4).bar64Prefetchable(0, MIB))));
        bus.put(
                3,
                0,
                ModelFunction.bridgeWithoutHighWindow(5)
                        .put(
                                0,
                                0,
                                ModelFunction.bridge(6)
                                        .put(0, 0, ModelFunction.endpoint(7).bar64Prefetchable(0, MIB))));
        PciTree tree = Bench.enumerate(bus);
        assertTrue(Bench.at(tree, "02:00.0").bar(0).orElseThrow().pa() >= FOUR_GIB);
        assertTrue(Bench.at(tree, "04:00.0").bar(0).orElseThrow().pa() < FOUR_GIB);
        assertReachable(tree);
    }

    @Test
    void otherWideMemoryBehindABridgeStaysLow() {
        bus.put(
                2,
                0,
                ModelFunction.bridge(2).put(0, 0, ModelFunction.endpoint(3).bar64(0, MIB)));
        PciTree tree = Bench.enumerate(bus);
        assertTrue(Bench.at(tree, "01:00.0").bar(0).orElseThrow().pa() < FOUR_GIB);
        assertReachable(tree);
    }

    @Test
    void aWideBarOnTheRootBusThatIsTooLargeForTheLowWindowGoesHigh() {
        bus.put(2, 0, ModelFunction.endpoint(2).bar64(0, 1L << 32));
        PciTree tree = Bench.enumerate(bus);
        assertTrue(Bench.at(tree, "00:02.0").bar(0).orElseThrow().pa() >= FOUR_GIB);
        assertReachable(tree);
    }

    @Test
    void aBarThatDoesNotFitDisablesItsFunctionAndNoOther() {
        bus.put(2, 0, ModelFunction.endpoint(2).bar32(0, 1L << 31).bar64Prefetchable(2, 4096));
        bus.put(3, 0, ModelFunction.endpoint(3).bar32(0, 4096));
        PciTree tree = Bench.enumerate(bus);
        PciFunction large = Bench.at(tree, "00:02.0");
        assertEquals(
                "PCI 00:02.0 1234:0002: BAR 0 (32-bit, 0x80000000 bytes) does not fit: the window"
                        + " 0xc0000000-0xfebfffff has 0x3ec00000 bytes left in one piece; the function stays disabled",
                large.problem().orElseThrow());
        assertEquals(List.of(), large.bars());
        assertThrows(PciException.class, large::enableMemory);
        assertThrows(PciException.class, large::enableBusMastering);
        assertThrows(PciException.class, () -> large.claim("driver"));
        assertTrue(Bench.at(tree, "00:03.0").problem().isEmpty());
        assertReachable(tree);
    }

    @Test
    void behindABridgeTheLargestIsGivenUpFirst() {
        bus.put(
                2,
                0,
                ModelFunction.bridge(2)
                        .put(0, 0, ModelFunction.endpoint(3).bar32(0, 1L << 30))
                        .put(1, 0, ModelFunction.endpoint(4).bar32(0, 4096)));
        PciTree tree = Bench.enumerate(bus);
        assertTrue(Bench.at(tree, "01:00.0").problem().orElseThrow().contains("behind bridge 00:02.0"));
        assertTrue(Bench.at(tree, "01:01.0").problem().isEmpty());
        assertReachable(tree);
    }

    @Test
    void whatIsBehindABridgeThatCannotBePlacedIsDisabledToo() {
        bus.put(
                2,
                0,
                ModelFunction.bridge(2)
                        .bar32(0, 1L << 31)
                        .put(0, 0, ModelFunction.endpoint(3).bar32(0, 4096)));
        PciTree tree = Bench.enumerate(bus);
        assertEquals(
                "PCI 01:00.0 1234:0003: it is behind bridge 00:02.0, which is disabled; the function stays disabled",
                Bench.at(tree, "01:00.0").problem().orElseThrow());
        assertEquals(2, tree.problems().size());
    }

    @Test
    void barsThatMakeNoSenseDisableTheirFunction() {
        ModelFunction holes = ModelFunction.endpoint(2);
        holes.writable32(0x10, 0xf0f0_0000);
        ModelFunction noUpperHalf = ModelFunction.endpoint(3);
        noUpperHalf.config[0x24] = 4;
        noUpperHalf.writable32(0x24, 0xffff_f000);
        ModelFunction reserved = ModelFunction.endpoint(4);
        reserved.config[0x10] = 6;
        reserved.writable32(0x10, 0xffff_f000);
        ModelFunction endless = ModelFunction.endpoint(5).bar64(0, Long.MIN_VALUE);
        ModelFunction header = ModelFunction.endpoint(6);
        header.config[0x0e] = 2;
        bus.put(2, 0, holes)
                .put(3, 0, noUpperHalf)
                .put(4, 0, reserved)
                .put(5, 0, endless)
                .put(6, 0, header);
        bus.put(7, 0, ModelFunction.endpoint(7).bar32(0, 4096));
        PciTree tree = Bench.enumerate(bus);
        assertEquals(
                List.of(
                        "PCI 00:02.0 1234:0002: BAR 0 (32-bit) answers 0xfffffffff0f00000 to sizing, which is no power"
                                + " of two; the function stays disabled",
                        "PCI 00:03.0 1234:0003: BAR 5 says it is 64-bit, but it is the last and has no upper half; the"
                                + " function stays disabled",
                        "PCI 00:04.0 1234:0004: BAR 0 has type 3, which is reserved or only for addresses below 1 MiB;"
                                + " the function stays disabled",
                        "PCI 00:05.0 1234:0005: BAR 0 (64-bit) asks for 0x8000000000000000 bytes, more than any window"
                                + " has; the function stays disabled",
                        "PCI 00:06.0 1234:0006: its header is neither an endpoint's nor a bridge's; the function stays"
                                + " disabled"),
                tree.problems());
        assertReachable(tree);
    }

    @Test
    void withoutEcamTheSameTreeIsFoundThroughThePorts() {
        bus.ecamOn = false;
        bus.put(
                2,
                0,
                ModelFunction.bridge(2).put(0, 0, ModelFunction.endpoint(3).bar32(0, 4096)));
        FakeMachine machine = Bench.machine(bus);
        PciTree tree = PciTree.enumerate(PciHost.discover(machine, Optional.empty()));
        assertEquals(List.of("00:00.0", "00:02.0", "01:00.0"), addresses(tree));
        assertReachable(tree);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void randomTreesAreReachableWithoutConflict(long seed) {
        Random random = new Random(seed);
        for (int turn = 0; turn < 10; turn++) {
            bus = ModelBus.plain();
            for (int device = 1; device < 8; device++) {
                bus.put(device, 0, random(random, 3));
            }
            PciTree tree = Bench.enumerate(bus);
            assertReachable(tree);
            assertEquals(List.of(), bus.violations, "seed " + seed + ", turn " + turn);
        }
    }

    private static ModelFunction random(Random random, int depth) {
        if (depth > 0 && random.nextInt(3) == 0) {
            ModelFunction bridge =
                    random.nextInt(3) == 0 ? ModelFunction.bridgeWithoutHighWindow(1) : ModelFunction.bridge(2);
            if (random.nextBoolean()) {
                bridge.bar32(0, 16L << random.nextInt(10));
            }
            int children = random.nextInt(4);
            for (int child = 0; child < children; child++) {
                bridge.put(random.nextInt(32), 0, random(random, depth - 1));
            }
            return bridge;
        }
        ModelFunction endpoint = ModelFunction.endpoint(3);
        int index = random.nextInt(2);
        while (index < 5) {
            long size = 16L << random.nextInt(26);
            switch (random.nextInt(5)) {
                case 0 -> endpoint.bar32(index, size);
                case 1 -> endpoint.bar64(index++, size);
                case 2 -> endpoint.bar64Prefetchable(index++, size << random.nextInt(8));
                case 3 -> endpoint.ioBar(index, 32);
                default -> {
                    // A BAR that is not there.
                }
            }
            index++;
        }
        return endpoint;
    }
}
