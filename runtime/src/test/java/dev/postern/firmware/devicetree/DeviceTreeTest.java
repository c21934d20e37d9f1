package dev.postern.firmware.devicetree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.memory.PhysRange;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeviceTreeTest {

    private final DeviceTree tree =
            DeviceTree.read(TreeBlob.protectedGuest("hvc").blob());

    private static String refusal(byte[] blob) {
        String message = assertThrows(DeviceTreeException.class, () -> DeviceTree.read(blob))
                .getMessage();
        assertFalse(message.contains("\n"), message);
        return message;
    }

    private static String refusal(TreeBlob blob) {
        return refusal(blob.blob());
    }

    @Test
    void nodesAreFoundByPathAndByPhandle() {
        DeviceTreeNode pool = tree.node("/reserved-memory/pool@80000000").orElseThrow();
        assertEquals("/reserved-memory/pool@80000000", pool.path());
        assertEquals("pool@80000000", pool.name());
        assertEquals(pool, tree.node(7).orElseThrow());
        assertTrue(tree.node("/reserved-memory/pool").isEmpty());
        assertTrue(tree.node(9).isEmpty());
        assertEquals(tree.root(), tree.node("/").orElseThrow());
        assertEquals(
                List.of(
                        "/",
                        "/psci",
                        "/reserved-memory",
                        "/reserved-memory/pool@80000000",
                        "/reserved-memory/idle@90000000",
                        "/pci@30000000"),
                tree.root().all().map(DeviceTreeNode::path).toList());
    }

    @Test
    void propertiesAreReadAsWhatTheyAreTakenFor() {
        DeviceTreeNode psci = tree.node("/psci").orElseThrow();
        assertEquals("hvc", psci.property("method").orElseThrow().string());
        assertEquals(
                List.of("arm,psci-1.0", "arm,psci-0.2"),
                psci.property("compatible").orElseThrow().strings());
        assertTrue(psci.isCompatible("arm,psci-0.2"));
        assertFalse(psci.isCompatible("arm,psci"));
        assertThrows(
                DeviceTreeException.class,
                () -> psci.property("compatible").orElseThrow().string());
        assertThrows(
                DeviceTreeException.class,
                () -> psci.property("compatible").orElseThrow().u32());
        assertThrows(
                DeviceTreeException.class,
                () -> tree.root().property("#size-cells").orElseThrow().strings());
    }

    @Test
    void regAndRangesUseTheCellCountsOfTheNodesAroundThem() {
        DeviceTreeNode memory = tree.node("/reserved-memory").orElseThrow();
        DeviceTreeNode pool = tree.node(7).orElseThrow();
        assertEquals(
                List.of(new AddressRange(0, 0x8000_0000L, 0x8000_0000L, 0x400_0000)), AddressRange.reg(pool, memory));
        DeviceTreeNode pci = tree.node("/pci@30000000").orElseThrow();
        assertEquals(
                List.of(new AddressRange(0x0200_0000, 0x1000_0000, 0x1_2000_0000L, 0x100_0000)),
                AddressRange.ranges("ranges", pci, tree.root()));
        assertEquals(List.of(), AddressRange.ranges("ranges", memory, tree.root()));
        assertEquals(List.of(), AddressRange.ranges("dma-ranges", pci, tree.root()));
    }

    @Test
    void aRegThatHoldsNoWholeEntriesIsRefused() {
        DeviceTree cut = DeviceTree.read(new TreeBlob()
                .begin("")
                .begin("device")
                .cells("reg", 1, 2)
                .end()
                .end()
                .blob());
        String message = assertThrows(
                        DeviceTreeException.class,
                        () -> AddressRange.reg(cut.node("/device").orElseThrow(), cut.root()))
                .getMessage();
        assertTrue(message.contains("/device") && message.contains("2 cells, not whole entries of 3"), message);
    }

    @Test
    void reservationsAreRanges() {
        assertEquals(List.of(new PhysRange(0x4000_0000L, 0x1000)), tree.reserved());
        assertTrue(refusal(new TreeBlob().reserve(-8, 16).begin("").end()).contains("no range of memory"));
    }

    @Test
    void theBlobIsCopiedSoThatALaterChangeDoesNotReachTheTree() {
        byte[] blob = TreeBlob.protectedGuest("hvc").blob();
        DeviceTree read = DeviceTree.read(blob);
        java.util.Arrays.fill(blob, (byte) 0);
        assertEquals(
                "hvc",
                read.node("/psci")
                        .orElseThrow()
                        .property("method")
                        .orElseThrow()
                        .string());
    }

    @Test
    void theSamePhandleTwiceIsRefused() {
        TreeBlob twice = new TreeBlob().begin("");
        for (String name : List.of("a", "b")) {
            twice.begin(name).cells("phandle", 3).end();
        }
        assertTrue(refusal(twice.end()).contains("/a has already"));
        assertTrue(refusal(new TreeBlob().begin("").cells("phandle", 0).end()).contains("no node may have"));
    }

    @Test
    void namesThatAreThereTwiceAreRefused() {
        assertTrue(refusal(new TreeBlob()
                        .begin("")
                        .begin("a")
                        .end()
                        .begin("a")
                        .end()
                        .end())
                .contains("/a is there twice"));
        assertTrue(refusal(new TreeBlob().begin("").cells("p", 1).cells("p", 2).end())
                .contains("property p of / is there twice"));
    }

    @Test
    void depthIsBounded() {
        TreeBlob deep = new TreeBlob().begin("");
        for (int i = 1; i < FlattenedTree.MOST_LEVELS; i++) {
            deep.begin("n");
        }
        for (int i = 0; i < FlattenedTree.MOST_LEVELS; i++) {
            deep.end();
        }
        assertEquals(
                FlattenedTree.MOST_LEVELS,
                DeviceTree.read(deep.blob()).root().all().count());
        TreeBlob deeper = new TreeBlob();
        deeper.begin("");
        for (int i = 0; i < 100_000; i++) {
            deeper.begin("n");
        }
        assertTrue(refusal(deeper).contains("more than 64 levels"));
    }

    @Test
    void theNumberOfNodesIsBounded() {
        TreeBlob many = new TreeBlob().begin("");
        for (int i = 0; i < FlattenedTree.MOST_NODES; i++) {
            many.begin("n" + i).end();
        }
        assertTrue(refusal(many.end()).contains("more than 65536 nodes"));
    }

    @Test
    void namesAndPathsAreBounded() {
        String longest = "n".repeat(FlattenedTree.LONGEST_NAME);
        assertEquals(
                2,
                DeviceTree.read(new TreeBlob()
                                .begin("")
                                .begin(longest)
                                .end()
                                .end()
                                .blob())
                        .root()
                        .all()
                        .count());
        assertTrue(refusal(new TreeBlob().begin("").begin(longest + "n").end().end())
                .contains("more than 255 characters"));
        TreeBlob path = new TreeBlob().begin("");
        for (int i = 0; i < 5; i++) {
            path.begin(longest);
        }
        assertTrue(refusal(path).contains("a path of more than 1024"));
    }

    @Test
    void aStructureThatDoesNotCloseIsRefused() {
        assertTrue(refusal(new TreeBlob().begin("")).contains("token 9 inside /"));
        assertTrue(refusal(new TreeBlob().end()).contains("token 2 where the root begins"));
        assertTrue(refusal(new TreeBlob().begin("").end().end()).contains("token 2 behind the root"));
        assertTrue(refusal(new TreeBlob().begin("named").end()).contains("the root has the name"));
        assertTrue(refusal(new TreeBlob().begin("").begin("a/b").end().end()).contains("has a slash"));
        assertTrue(refusal(new TreeBlob()
                        .begin("")
                        .begin("a")
                        .end()
                        .cells("late", 1)
                        .end())
                .contains("property late of / behind a child"));
    }

    @Test
    void aNumberOfCellsThatCannotBeReadIsRefused() {
        DeviceTree wide = DeviceTree.read(
                new TreeBlob().begin("").cells("#address-cells", 4).end().blob());
        assertThrows(DeviceTreeException.class, () -> wide.root().addressCells());
        assertEquals(1, wide.root().sizeCells());
    }

    @Test
    void aNodeWhoseStatusSaysSoIsNotEnabled() {
        DeviceTree off = DeviceTree.read(new TreeBlob()
                .begin("")
                .begin("a")
                .strings("status", "disabled")
                .end()
                .begin("b")
                .strings("status", "okay")
                .end()
                .end()
                .blob());
        assertFalse(off.node("/a").orElseThrow().enabled());
        assertTrue(off.node("/b").orElseThrow().enabled());
        assertTrue(off.root().enabled());
    }
}
