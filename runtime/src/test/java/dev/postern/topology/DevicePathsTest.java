package dev.postern.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.bus.pci.PciAddress;
import dev.postern.facts.Fact;
import dev.postern.firmware.devicetree.DeviceTree;
import dev.postern.firmware.devicetree.DeviceTreeException;
import dev.postern.firmware.devicetree.TreeBlob;
import dev.postern.memory.PhysRange;
import dev.postern.topology.DevicePath.PortKind;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class DevicePathsTest {

    private static final PciAddress FUNCTION = new PciAddress(0, 3, 0);
    private static final List<PciAddress> ON_ROOT = List.of(FUNCTION);
    private static final List<PciAddress> BEHIND_PORT = List.of(new PciAddress(0, 1, 0), new PciAddress(1, 0, 0));

    /** A root with two cells each, a bus with what the first adds, and a host bridge with what the second adds. */
    private static DevicePaths paths(Consumer<TreeBlob> bus, Consumer<TreeBlob> host) {
        TreeBlob blob = new TreeBlob().begin("").cells("#address-cells", 2).cells("#size-cells", 2);
        iommuNodes(blob);
        blob.begin("soc").cells("#address-cells", 2).cells("#size-cells", 2);
        bus.accept(blob);
        beginHost(blob, "pcie@10000000");
        host.accept(blob);
        return new DevicePaths(DeviceTree.read(blob.end().end().end().blob()));
    }

    private static void beginHost(TreeBlob blob, String name) {
        blob.begin(name)
                .strings("compatible", "pci-host-ecam-generic")
                .strings("device_type", "pci")
                .cells("#address-cells", 3)
                .cells("#size-cells", 2);
    }

    private static void iommuNodes(TreeBlob blob) {
        blob.begin("smmu")
                .strings("compatible", "acme,smmu", "arm,smmu-v3")
                .cells("#iommu-cells", 1)
                .cells("phandle", 1)
                .end();
        blob.begin("xen")
                .strings("compatible", "xen,grant-dma")
                .cells("#iommu-cells", 1)
                .cells("phandle", 2)
                .end();
        blob.begin("off")
                .strings("compatible", "acme,iommu")
                .strings("status", "disabled")
                .cells("#iommu-cells", 1)
                .cells("phandle", 3)
                .end();
        blob.begin("wide")
                .strings("compatible", "acme,wide")
                .cells("#iommu-cells", 2)
                .cells("phandle", 4)
                .end();
        blob.begin("reserved-memory")
                .cells("#address-cells", 2)
                .cells("#size-cells", 2)
                .bytes("ranges");
        pool(blob, "pool@80000000", 0x8000_0000L, 5);
        pool(blob, "pool@90000000", 0x9000_0000L, 6);
        blob.begin("frames@a0000000").cells("phandle", 7).end().end();
    }

    private static void pool(TreeBlob blob, String name, long base, int phandle) {
        blob.begin(name)
                .strings("compatible", "restricted-dma-pool")
                .cells("reg", 0, base, 0, 0x10_0000)
                .cells("phandle", phandle)
                .end();
    }

    private static void nothing(TreeBlob blob) {
        assertTrue(blob.blob().length > 0);
    }

    private static DevicePath hostSays(Consumer<TreeBlob> host) {
        return paths(DevicePathsTest::nothing, host).of(ON_ROOT);
    }

    private static String refusal(Consumer<TreeBlob> bus, Consumer<TreeBlob> host) {
        String message = assertThrows(
                        DeviceTreeException.class, () -> paths(bus, host).of(ON_ROOT))
                .getMessage();
        assertFalse(message.contains("\n"), message);
        return message;
    }

    private static String refusal(Consumer<TreeBlob> host) {
        return refusal(DevicePathsTest::nothing, host);
    }

    private static TreeBlob beginFunction(TreeBlob blob, String name, int device) {
        return blob.begin(name).cells("reg", device << 11, 0, 0, 0, 0);
    }

    /** One entry of a host bridge: 64-bit memory space. */
    private static void hostRange(TreeBlob blob, long busAddress, long pa, long size) {
        blob.cells("dma-ranges", 0x4300_0000, busAddress >>> 32, busAddress, pa >>> 32, pa, size >>> 32, size);
    }

    private static List<DmaRange> ranges(DevicePath path) {
        return path.dmaRanges().map(Fact::value).orElseThrow();
    }

    @Test
    void aTreeThatSaysNothingLeavesEverythingUnsaid() {
        assertEquals(DevicePath.UNSAID, hostSays(DevicePathsTest::nothing));
    }

    @Test
    void aTreeWithoutAHostBridgeLeavesEverythingUnsaid() {
        TreeBlob blob = new TreeBlob().begin("").bytes("dma-coherent").end();
        assertEquals(DevicePath.UNSAID, new DevicePaths(DeviceTree.read(blob.blob())).of(ON_ROOT));
    }

    @Test
    void aPathNeedsAFunction() {
        DevicePaths paths = paths(DevicePathsTest::nothing, DevicePathsTest::nothing);
        assertThrows(IllegalArgumentException.class, () -> paths.of(List.of()));
    }

    // dma-ranges

    @Test
    void theHostBridgesRangesAreSeenInOrderOfPhysicalAddressAndSayWhereTheyAreFrom() {
        DevicePath path = hostSays(host -> host.cells(
                "dma-ranges", 0x4200_0000, 0, 0, 8, 0, 1, 0, 0x4300_0000, 4, 0, 0, 0x4000_0000, 0, 0x1000_0000));
        assertEquals(
                List.of(new DmaRange(0x4000_0000L, 0x1000_0000L, 4L << 32), new DmaRange(8L << 32, 1L << 32, 0)),
                ranges(path));
        assertEquals(
                "device tree, dma-ranges of /soc/pcie@10000000",
                path.dmaRanges().orElseThrow().source());
    }

    @Test
    void anEmptyOrAMissingPropertyAllTheWayUpLeavesAddressesAsTheyAre() {
        for (Consumer<TreeBlob> host :
                List.<Consumer<TreeBlob>>of(DevicePathsTest::nothing, blob -> blob.bytes("dma-ranges"))) {
            for (Consumer<TreeBlob> bus :
                    List.<Consumer<TreeBlob>>of(DevicePathsTest::nothing, blob -> blob.bytes("dma-ranges"))) {
                assertEquals(Optional.empty(), paths(bus, host).of(ON_ROOT).dmaRanges());
            }
        }
    }

    @Test
    void theRangesOfTheBusAboveCountWhenTheHostBridgeHasNoneOfItsOwn() {
        Consumer<TreeBlob> bus = blob -> blob.cells("dma-ranges", 0, 0, 1, 0, 0, 0x8000_0000);
        for (Consumer<TreeBlob> host :
                List.<Consumer<TreeBlob>>of(DevicePathsTest::nothing, blob -> blob.bytes("dma-ranges"))) {
            assertEquals(
                    List.of(new DmaRange(1L << 32, 0x8000_0000L, 0)),
                    ranges(paths(bus, host).of(ON_ROOT)));
        }
    }

    @Test
    void aBusAboveThatHasNonePropertyEndsTheSearch() {
        TreeBlob blob = new TreeBlob()
                .begin("")
                .cells("#address-cells", 2)
                .cells("#size-cells", 2)
                .begin("outer")
                .cells("#address-cells", 2)
                .cells("#size-cells", 2)
                .cells("dma-ranges", 0, 0, 1, 0, 0, 0x8000_0000)
                .begin("inner")
                .cells("#address-cells", 2)
                .cells("#size-cells", 2);
        beginHost(blob, "pcie");
        blob.bytes("dma-ranges").end().end().end().end();
        assertEquals(
                Optional.empty(),
                new DevicePaths(DeviceTree.read(blob.blob())).of(ON_ROOT).dmaRanges());
    }

    @Test
    void rangesAreTakenThroughTheBusesAbove() {
        DevicePath path = paths(
                        bus -> bus.cells("dma-ranges", 0, 0x4000_0000, 2, 0, 0, 0x4000_0000),
                        host -> hostRange(host, 0, 0x5000_0000, 0x1000_0000))
                .of(ON_ROOT);
        assertEquals(List.of(new DmaRange((2L << 32) + 0x1000_0000L, 0x1000_0000L, 0)), ranges(path));
        assertEquals(
                "device tree, dma-ranges of /soc/pcie@10000000, /soc",
                path.dmaRanges().orElseThrow().source());
    }

    @Test
    void aRangeOfWhichTheBusAboveMapsPartsIsCutToThem() {
        DevicePath path = paths(
                        bus -> bus.cells("dma-ranges", 0, 0x1000, 1, 0, 0, 0x1000, 0, 0x4000, 2, 0, 0, 0x10_0000),
                        host -> hostRange(host, 1L << 40, 0, 0x8000))
                .of(ON_ROOT);
        assertEquals(
                List.of(
                        new DmaRange(1L << 32, 0x1000, (1L << 40) + 0x1000),
                        new DmaRange(2L << 32, 0x4000, (1L << 40) + 0x4000)),
                ranges(path));
    }

    @Test
    void rangesThatLeadNowhereAreRefused() {
        String message = refusal(
                bus -> bus.cells("dma-ranges", 0, 0x1000, 1, 0, 0, 0x1000), host -> hostRange(host, 0, 0x4000, 0x1000));
        assertTrue(message.contains("dma-ranges") && message.contains("/soc/pcie@10000000"), message);
    }

    @Test
    void entriesThatGoOnWhereAnotherEndsAreOne() {
        DevicePath path = hostSays(host -> host.cells(
                "dma-ranges", 0x4300_0000, 0, 0x1000, 1, 0x1000, 0, 0x1000, 0x4200_0000, 0, 0, 1, 0, 0, 0x1000));
        assertEquals(List.of(new DmaRange(1L << 32, 0x2000, 0)), ranges(path));
    }

    @Test
    void theWholeSpaceIsSaidInTwoParts() {
        DevicePath path = hostSays(host -> host.cells(
                "dma-ranges",
                0x4300_0000,
                0,
                0,
                0,
                0,
                0x8000_0000L,
                0,
                0x4300_0000,
                0x8000_0000L,
                0,
                0x8000_0000L,
                0,
                0x8000_0000L,
                0));
        assertEquals(
                List.of(
                        new DmaRange(0, Long.MIN_VALUE, 0),
                        new DmaRange(Long.MIN_VALUE, Long.MIN_VALUE, Long.MIN_VALUE)),
                ranges(path));
    }

    @Test
    void twoPlacesForOneBusAddressAreRefusedAndTwoBusAddressesForOnePlaceAreNot() {
        assertTrue(refusal(host -> host.cells(
                        "dma-ranges", 0x4300_0000, 0, 0, 1, 0, 0, 0x2000, 0x4300_0000, 0, 0x1000, 2, 0, 0, 0x1000))
                .contains("two places at 0x1000"));
        DevicePath path = hostSays(host ->
                host.cells("dma-ranges", 0x4300_0000, 0, 0, 1, 0, 0, 0x1000, 0x4300_0000, 5, 0, 1, 0, 0, 0x1000));
        assertEquals(
                List.of(new DmaRange(1L << 32, 0x1000, 0), new DmaRange(1L << 32, 0x1000, 5L << 32)), ranges(path));
    }

    @Test
    void rangesThatAreNoneAreRefusedWithNodeAndProperty() {
        for (Consumer<TreeBlob> host : List.<Consumer<TreeBlob>>of(
                blob -> hostRange(blob, 0, 0, 0),
                blob -> hostRange(blob, -1L, 0, 2),
                blob -> hostRange(blob, 0, -4096L, 8192),
                blob -> blob.cells("dma-ranges", 0x4300_0000, 0, 0, 0, 0, 0),
                blob -> blob.bytes("dma-ranges", (byte) 1),
                blob -> blob.cells("dma-ranges", 0x0100_0000, 0, 0, 0, 0, 0, 0x1000),
                blob -> blob.cells("dma-ranges", 0, 0, 0, 0, 0, 0, 0x1000))) {
            String message = refusal(host);
            assertTrue(message.contains("dma-ranges of /soc/pcie@10000000"), message);
        }
    }

    @Test
    void aMillionRangesAreRefused() {
        long[] cells = new long[7_000_000];
        for (int i = 0; i < cells.length; i += 7) {
            cells[i] = 0x4300_0000;
            cells[i + 2] = i * 4096L;
            cells[i + 4] = i * 8192L;
            cells[i + 6] = 4096;
        }
        assertTrue(refusal(host -> host.cells("dma-ranges", cells)).contains("more than 1024"));
    }

    @Test
    void aNodeMayNameAnotherOnTheWayToMemory() {
        TreeBlob blob = new TreeBlob().begin("").cells("#address-cells", 1).cells("#size-cells", 1);
        blob.begin("mbus")
                .cells("phandle", 9)
                .cells("#address-cells", 1)
                .cells("#size-cells", 1)
                .cells("#interconnect-cells", 1)
                .cells("dma-ranges", 0, 0x4000_0000, 0x1000_0000)
                .bytes("dma-noncoherent")
                .end();
        blob.begin("soc").bytes("dma-coherent").cells("#address-cells", 1).cells("#size-cells", 1);
        beginHost(blob, "pcie");
        blob.cells("interconnects", 9, 4, 9, 5).strings("interconnect-names", "other", "dma-mem");
        blob.end().end().end();
        DevicePath path = new DevicePaths(DeviceTree.read(blob.blob())).of(ON_ROOT);
        assertEquals(List.of(new DmaRange(0x4000_0000, 0x1000_0000, 0)), ranges(path));
        assertEquals(false, path.snooped().orElseThrow().value());
    }

    @Test
    void aWayToMemoryThatIsACircleIsRefused() {
        String message = refusal(host -> host.cells("phandle", 9)
                .cells("#interconnect-cells", 0)
                .cells("interconnects", 9)
                .strings("interconnect-names", "dma-mem"));
        assertTrue(message.contains("circle"), message);
    }

    // dma-coherent

    @Test
    void theNearestWordOnCoherencyCounts() {
        Consumer<TreeBlob> coherent = blob -> blob.bytes("dma-coherent");
        Consumer<TreeBlob> not = blob -> blob.bytes("dma-noncoherent");
        Consumer<TreeBlob> silent = DevicePathsTest::nothing;
        assertEquals(
                Fact.of(true, "device tree, dma-coherent of /soc/pcie@10000000"),
                paths(not, coherent).of(ON_ROOT).snooped().orElseThrow());
        assertEquals(
                false, paths(coherent, not).of(ON_ROOT).snooped().orElseThrow().value());
        assertEquals(
                Fact.of(false, "device tree, dma-noncoherent of /soc"),
                paths(not, silent).of(ON_ROOT).snooped().orElseThrow());
        assertEquals(Optional.empty(), paths(silent, silent).of(ON_ROOT).snooped());
    }

    // memory-region

    @Test
    void thePoolOfTheFunctionCountsBeforeThatOfTheHostBridge() {
        PhysRange hosts = new PhysRange(0x8000_0000L, 0x10_0000);
        PhysRange functions = new PhysRange(0x9000_0000L, 0x10_0000);
        DevicePath path = hostSays(host -> host.cells("memory-region", 5));
        assertEquals(hosts, path.restrictedPool().orElseThrow().value());
        path = hostSays(host -> beginFunction(host.cells("memory-region", 5), "disk@3,0", 3)
                .cells("memory-region", 7, 6)
                .end());
        assertEquals(functions, path.restrictedPool().orElseThrow().value());
        assertEquals(
                "device tree, memory-region of /soc/pcie@10000000/disk@3,0: /reserved-memory/pool@90000000",
                path.restrictedPool().orElseThrow().source());
        path = hostSays(host -> beginFunction(host.cells("memory-region", 5), "disk@4,0", 4)
                .cells("memory-region", 6)
                .end());
        assertEquals(hosts, path.restrictedPool().orElseThrow().value());
        path = hostSays(host -> beginFunction(host.cells("memory-region", 5), "disk@3,0", 3)
                .cells("memory-region", 7)
                .end());
        assertEquals(Optional.empty(), path.restrictedPool());
    }

    // iommu-map, iommus

    @Test
    void theMapIsAskedByTheRequesterIdAfterItsMask() {
        DevicePath path = hostSays(host -> host.cells("iommu-map", 0, 4, 0, 8, 0x10, 1, 0x100, 0x10));
        assertEquals("acme,smmu", path.iommuNode().orElseThrow().value());
        assertEquals(
                "device tree, iommu-map of /soc/pcie@10000000, requester id 0x18: /smmu, specifier [0x108]",
                path.iommuNode().orElseThrow().source());
        assertEquals(OptionalInt.empty(), path.grantDomain());
        path = paths(
                        DevicePathsTest::nothing,
                        host -> host.cells("iommu-map", 0, 1, 0x40, 8).cells("iommu-map-mask", 0x7))
                .of(List.of(new PciAddress(5, 3, 2)));
        assertTrue(path.iommuNode().orElseThrow().source().contains("[0x42]"), path.toString());
    }

    @Test
    void aFunctionThatTheMapDoesNotListIsNotTranslated() {
        for (long[] map :
                List.of(new long[] {0x19, 1, 0, 0x100}, new long[] {0, 1, 0, 0x18}, new long[] {0x18, 1, 0, 0})) {
            assertEquals(
                    Optional.empty(),
                    hostSays(host -> host.cells("iommu-map", map)).iommuNode());
        }
    }

    @Test
    void aLengthUpToTheEndOfAllNumbersDoesNotWrap() {
        assertTrue(hostSays(host -> host.cells("iommu-map", 1, 1, 0, 0xffff_ffffL))
                .iommuNode()
                .isPresent());
    }

    @Test
    void theDomainOfABackEndThatTakesGrantsIsKept() {
        DevicePath path = hostSays(host -> host.cells("iommu-map", 0, 2, 0x100, 0x100));
        assertEquals("xen,grant-dma", path.iommuNode().orElseThrow().value());
        assertEquals(OptionalInt.of(0x118), path.grantDomain());
        assertTrue(refusal(host -> host.cells("iommu-map", 0, 2, 0x7fe0, 0x100)).contains("0x7ff8"));
    }

    @Test
    void iommusOfTheFunctionAndThenOfTheHostBridgeCountWhereTheMapSaysNothing() {
        DevicePath path = hostSays(host -> beginFunction(host.cells("iommus", 1, 7), "disk@3,0", 3)
                .cells("iommus", 2, 5)
                .end());
        assertEquals(OptionalInt.of(5), path.grantDomain());
        path = hostSays(host -> host.cells("iommus", 1, 7));
        assertEquals(
                "device tree, iommus of /soc/pcie@10000000: /smmu, specifier [0x7]",
                path.iommuNode().orElseThrow().source());
        path = hostSays(host -> host.cells("iommu-map", 0, 1, 0, 0x100).cells("iommus", 2, 7));
        assertEquals("acme,smmu", path.iommuNode().orElseThrow().value());
        path = hostSays(host -> host.cells("iommus", 4, 7, 8));
        assertTrue(path.iommuNode().orElseThrow().source().contains("[0x7, 0x8]"), path.toString());
    }

    @Test
    void anIommuThatIsDisabledStandsNowhere() {
        DevicePath path = hostSays(host -> host.cells("iommu-map", 0, 3, 0, 0x100));
        assertEquals(Optional.empty(), path.iommuNode());
    }

    @Test
    void iommuPropertiesThatCannotBeUnderstoodAreRefusedWithNodeAndProperty() {
        for (Consumer<TreeBlob> host : List.<Consumer<TreeBlob>>of(
                blob -> blob.cells("iommu-map", 0, 1, 0),
                blob -> blob.bytes("iommu-map"),
                blob -> blob.cells("iommu-map", 0, 99, 0, 0x100),
                blob -> blob.cells("iommu-map", 0, 4, 0, 0x100),
                blob -> blob.cells("iommu-map", 0, 7, 0, 0x100),
                blob -> blob.cells("iommu-map", 8, 1, 0, 0x100).cells("iommu-map-mask", 7),
                blob -> blob.cells("iommus", 99, 1),
                blob -> blob.cells("iommus", 1),
                blob -> blob.cells("iommus", 1, 5, 2, 5),
                blob -> blob.cells("iommus", 7))) {
            String message = refusal(host);
            assertTrue(message.contains("property iommu") && message.contains("/soc/pcie@10000000"), message);
        }
    }

    // ports

    private static Optional<PortKind> port(Consumer<TreeBlob> host) {
        return paths(DevicePathsTest::nothing, host).of(BEHIND_PORT).port().map(Fact::value);
    }

    @Test
    void aPortIsInsideUnlessItsNodeSaysOtherwise() {
        assertEquals(
                Optional.of(PortKind.EXTERNAL_FACING),
                port(host -> beginFunction(host, "port@1,0", 1)
                        .bytes("external-facing")
                        .end()));
        assertEquals(
                Optional.of(PortKind.INTERNAL),
                port(host -> beginFunction(host, "port@1,0", 1).end()));
        assertEquals(Optional.empty(), port(DevicePathsTest::nothing));
        assertEquals(
                Optional.empty(),
                port(host -> beginFunction(host, "port@2,0", 2)
                        .bytes("external-facing")
                        .end()));
    }

    @Test
    void whateverIsFurtherBelowAnExternalPortIsOutsideToo() {
        List<PciAddress> deep = List.of(
                new PciAddress(0, 1, 0), new PciAddress(1, 0, 0), new PciAddress(2, 4, 0), new PciAddress(3, 0, 0));
        DevicePaths paths = paths(
                DevicePathsTest::nothing,
                host -> beginFunction(host, "port@1,0", 1)
                        .bytes("external-facing")
                        .end());
        assertEquals(
                PortKind.EXTERNAL_FACING, paths.of(deep).port().orElseThrow().value());
    }

    @Test
    void aFunctionItselfAndTheHostBridgeAreNoPorts() {
        assertEquals(
                Optional.empty(),
                hostSays(host -> beginFunction(host.bytes("external-facing"), "disk@3,0", 3)
                                .bytes("external-facing")
                                .end())
                        .port());
    }

    @Test
    void aFunctionIsFoundBelowItsPort() {
        DevicePath path = paths(
                        DevicePathsTest::nothing,
                        host -> beginFunction(beginFunction(host, "port@1,0", 1), "disk@0,0", 0)
                                .cells("memory-region", 6)
                                .end()
                                .end())
                .of(BEHIND_PORT);
        assertEquals(0x9000_0000L, path.restrictedPool().orElseThrow().value().basePa());
    }

    @Test
    void nodesThatClaimOneFunctionOrHaveNoPlaceAreRefused() {
        assertTrue(refusal(host -> {
                    beginFunction(host, "disk@3,0", 3).end();
                    beginFunction(host, "net@3,0", 3).end();
                })
                .contains("both are PCI function 03.0"));
        assertTrue(refusal(host -> host.begin("disk").cells("reg", 1, 2).end())
                .contains("reg of /soc/pcie@10000000/disk"));
    }

    // which host bridge

    private static DevicePaths twoHosts(Consumer<TreeBlob> first, Consumer<TreeBlob> second) {
        TreeBlob blob = new TreeBlob().begin("");
        beginHost(blob, "pcie@1");
        blob.bytes("dma-coherent");
        first.accept(blob);
        beginHost(blob.end(), "pcie@2");
        blob.bytes("dma-noncoherent");
        second.accept(blob);
        return new DevicePaths(DeviceTree.read(blob.end().end().blob()));
    }

    private static boolean firstHost(DevicePaths paths, int bus) {
        return paths.of(List.of(new PciAddress(bus, 3, 0)))
                .snooped()
                .orElseThrow()
                .value();
    }

    @Test
    void ofSeveralHostBridgesTheOneWithTheBusCounts() {
        DevicePaths paths =
                twoHosts(host -> host.cells("bus-range", 0, 0x7f), host -> host.cells("bus-range", 0x80, 0xff));
        assertTrue(firstHost(paths, 0x7f));
        assertFalse(firstHost(paths, 0x80));
    }

    @Test
    void ofSeveralHostBridgesWithTheBusTheFirstDomainCounts() {
        assertFalse(firstHost(
                twoHosts(host -> host.cells("linux,pci-domain", 1), host -> host.cells("linux,pci-domain", 0)), 0));
        for (int domain : List.of(0, 1)) {
            DevicePaths paths = twoHosts(
                    host -> host.cells("linux,pci-domain", domain), host -> host.cells("linux,pci-domain", domain));
            assertTrue(assertThrows(DeviceTreeException.class, () -> paths.of(ON_ROOT))
                    .getMessage()
                    .contains("/pcie@1 and /pcie@2"));
        }
    }

    @Test
    void aDisabledHostBridgeIsNone() {
        assertTrue(firstHost(twoHosts(DevicePathsTest::nothing, host -> host.strings("status", "disabled")), 0));
    }

    @Test
    void aBusRangeThatIsNoneIsRefused() {
        for (long[] range : List.of(new long[] {1, 0}, new long[] {0, 256}, new long[] {0})) {
            assertTrue(refusal(host -> host.cells("bus-range", range)).contains("bus-range"));
        }
    }
}
