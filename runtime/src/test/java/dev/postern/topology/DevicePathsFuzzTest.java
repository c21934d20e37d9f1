package dev.postern.topology;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.bus.pci.PciAddress;
import dev.postern.firmware.devicetree.DeviceTree;
import dev.postern.firmware.devicetree.DeviceTreeException;
import dev.postern.firmware.devicetree.TreeBlob;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A damaged tree ends in one exception with one line, or in a path; any other exception fails the test. */
class DevicePathsFuzzTest {

    private static final List<List<PciAddress>> WAYS = List.of(
            List.of(new PciAddress(0, 3, 0)),
            List.of(new PciAddress(0, 1, 0), new PciAddress(1, 0, 0)),
            List.of(new PciAddress(200, 31, 7)));

    private final byte[] sound = rich().blob();

    /** Everything that is read, once. */
    private static TreeBlob rich() {
        return new TreeBlob()
                .begin("")
                .cells("#address-cells", 2)
                .cells("#size-cells", 2)
                .begin("smmu")
                .strings("compatible", "arm,smmu-v3")
                .cells("#iommu-cells", 1)
                .cells("phandle", 1)
                .end()
                .begin("xen")
                .strings("compatible", "xen,grant-dma")
                .cells("#iommu-cells", 1)
                .cells("phandle", 2)
                .end()
                .begin("reserved-memory")
                .cells("#address-cells", 2)
                .cells("#size-cells", 2)
                .bytes("ranges")
                .begin("pool@80000000")
                .strings("compatible", "restricted-dma-pool")
                .cells("reg", 0, 0x8000_0000L, 0, 0x10_0000)
                .cells("phandle", 5)
                .end()
                .end()
                .begin("soc")
                .cells("#address-cells", 2)
                .cells("#size-cells", 2)
                .cells("#interconnect-cells", 1)
                .cells("phandle", 6)
                .cells("dma-ranges", 0, 0, 1, 0, 0, 0x1000_0000)
                .begin("pcie")
                .strings("compatible", "pci-host-ecam-generic")
                .strings("device_type", "pci")
                .cells("#address-cells", 3)
                .cells("#size-cells", 2)
                .cells("bus-range", 0, 255)
                .bytes("dma-coherent")
                .cells("interconnects", 6, 1)
                .strings("interconnect-names", "dma-mem")
                .cells("dma-ranges", 0x4300_0000, 0, 0, 0, 0, 0, 0x10_0000)
                .cells("iommu-map", 0, 1, 0, 0x100, 0x100, 2, 0x200, 0x100)
                .cells("iommu-map-mask", 0xffff)
                .cells("memory-region", 5)
                .begin("port@1,0")
                .cells("reg", 1 << 11, 0, 0, 0, 0)
                .bytes("external-facing")
                .end()
                .begin("disk@3,0")
                .cells("reg", 3 << 11, 0, 0, 0, 0)
                .cells("memory-region", 5)
                .cells("iommus", 2, 7)
                .end()
                .end()
                .end()
                .end();
    }

    private static boolean survives(byte[] blob) {
        try {
            DevicePaths paths = new DevicePaths(DeviceTree.read(blob));
            for (List<PciAddress> way : WAYS) {
                DevicePath path = paths.of(way);
                path.dmaRanges().ifPresent(ranges -> {
                    assertFalse(ranges.value().isEmpty());
                    assertTrue(ranges.value().size() <= DmaRanges.MOST_RANGES);
                    assertTrue(ranges.value().stream().allMatch(range -> range.size() != 0));
                });
                assertTrue(path.grantDomain().isEmpty() || path.iommuNode().isPresent());
            }
            return true;
        } catch (DeviceTreeException e) {
            assertFalse(e.getMessage().contains("\n"), e.getMessage());
            assertTrue(e.getMessage().startsWith("device tree"), e.getMessage());
            return false;
        }
    }

    @Test
    void theSoundTreeSurvives() {
        assertTrue(survives(sound));
    }

    @Test
    void anyByteSetToAFewValuesEndsInAPathOrInOneLine() {
        int refused = 0;
        int[] values = {0, 1, 2, 3, 4, 5, 6, 0x7f, 0x80, 0xff};
        for (int at = 0; at < sound.length; at++) {
            for (int value : values) {
                byte[] damaged = sound.clone();
                damaged[at] = (byte) value;
                refused += survives(damaged) ? 0 : 1;
            }
        }
        assertTrue(refused > sound.length && refused < values.length * sound.length, refused + " were refused");
    }

    @ParameterizedTest
    @ValueSource(longs = {31, 32, 33})
    void manyDamagedBytesEndInAPathOrInOneLine(long seed) {
        Random random = new Random(seed);
        int paths = 0;
        for (int round = 0; round < 10_000; round++) {
            byte[] damaged = sound.clone();
            for (int i = random.nextInt(1, 5); i > 0; i--) {
                damaged[random.nextInt(40, damaged.length)] = (byte) random.nextInt(0, 12);
            }
            try {
                paths += survives(damaged) ? 1 : 0;
            } catch (RuntimeException e) {
                throw new AssertionError("seed %d, round %d".formatted(seed, round), e);
            }
        }
        assertTrue(paths > 0 && paths < 10_000, "seed %d: %d paths".formatted(seed, paths));
    }
}
