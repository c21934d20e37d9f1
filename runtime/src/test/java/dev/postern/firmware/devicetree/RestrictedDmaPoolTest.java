package dev.postern.firmware.devicetree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.memory.PhysRange;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class RestrictedDmaPoolTest {

    private static List<RestrictedDmaPool> pools(UnaryOperator<TreeBlob> parent, UnaryOperator<TreeBlob> pool) {
        TreeBlob blob = new TreeBlob()
                .begin("")
                .cells("#address-cells", 1)
                .cells("#size-cells", 1)
                .begin("reserved-memory");
        parent.apply(blob).begin("pool").cells("phandle", 1);
        pool.apply(blob).end().end();
        blob.begin("device").cells("memory-region", 1).end().end();
        return RestrictedDmaPool.in(DeviceTree.read(blob.blob()));
    }

    private static TreeBlob identity(TreeBlob blob) {
        return blob.cells("#address-cells", 1).cells("#size-cells", 1).bytes("ranges");
    }

    private static TreeBlob restricted(TreeBlob blob) {
        return blob.strings("compatible", "restricted-dma-pool");
    }

    @Test
    void poolsAreFoundWithTheirRangeAndTheirUsers() {
        assertEquals(
                List.of(
                        new RestrictedDmaPool(
                                "/reserved-memory/pool@80000000",
                                Optional.of(new PhysRange(0x8000_0000L, 0x400_0000)),
                                List.of("/pci@30000000")),
                        new RestrictedDmaPool(
                                "/reserved-memory/idle@90000000",
                                Optional.of(new PhysRange(0x9000_0000L, 0x400_0000)),
                                List.of())),
                RestrictedDmaPool.in(
                        DeviceTree.read(TreeBlob.protectedGuest("hvc").blob())));
    }

    @Test
    void aTreeWithoutReservedMemoryHasNone() {
        assertEquals(
                List.of(),
                RestrictedDmaPool.in(
                        DeviceTree.read(new TreeBlob().begin("").end().blob())));
    }

    @Test
    void memoryThatOthersMayUseOrNobodyMayMapIsNoPool() {
        for (String flag : List.of("reusable", "no-map")) {
            assertEquals(
                    List.of(),
                    pools(
                            RestrictedDmaPoolTest::identity,
                            pool -> restricted(pool)
                                    .cells("reg", 0x1000, 0x1000)
                                    .bytes(flag)),
                    flag);
        }
        assertEquals(
                List.of(),
                pools(
                        RestrictedDmaPoolTest::identity,
                        pool -> pool.strings("compatible", "shared-dma-pool").cells("reg", 0x1000, 0x1000)));
    }

    @Test
    void aPoolOfWhichOnlyTheSizeIsSaidHasNoRange() {
        assertEquals(
                Optional.empty(),
                pools(RestrictedDmaPoolTest::identity, pool -> restricted(pool).cells("size", 0x40_0000))
                        .getFirst()
                        .range());
    }

    @Test
    void addressesThatWouldNeedTranslationAreRefused() {
        UnaryOperator<TreeBlob> pool = node -> restricted(node).cells("reg", 0x1000, 0x1000);
        assertThrows(
                DeviceTreeException.class,
                () -> pools(node -> node.cells("#address-cells", 1).cells("#size-cells", 1), pool));
        assertThrows(
                DeviceTreeException.class,
                () -> pools(
                        node -> node.cells("#address-cells", 2)
                                .cells("#size-cells", 1)
                                .bytes("ranges"),
                        pool));
        assertThrows(
                DeviceTreeException.class,
                () -> pools(
                        node -> node.cells("#address-cells", 1)
                                .cells("#size-cells", 1)
                                .cells("ranges", 0, 0x1000, 0x1000),
                        pool));
    }

    @Test
    void aRangeThatIsNoneIsRefused() {
        assertThrows(
                DeviceTreeException.class,
                () -> pools(
                        RestrictedDmaPoolTest::identity,
                        pool -> restricted(pool).cells("reg", 0x1000, 0)));
        assertThrows(
                DeviceTreeException.class,
                () -> pools(
                        RestrictedDmaPoolTest::identity,
                        pool -> restricted(pool).cells("reg", 0x1000, 0x1000, 0x3000, 0x1000)));
    }

    @Test
    void aDeviceThatNamesMemoryWhichIsNotThereIsRefused() {
        TreeBlob blob = new TreeBlob().begin("").begin("reserved-memory").end();
        blob.begin("device").cells("memory-region", 5).end().end();
        String message = assertThrows(
                        DeviceTreeException.class, () -> RestrictedDmaPool.in(DeviceTree.read(blob.blob())))
                .getMessage();
        assertTrue(message.contains("/device") && message.contains("0x5"), message);
    }
}
