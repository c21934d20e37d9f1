package dev.postern.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.bus.pci.PciAddress;
import dev.postern.facts.Fact;
import dev.postern.firmware.devicetree.DeviceTree;
import dev.postern.firmware.devicetree.DeviceTreeException;
import dev.postern.firmware.devicetree.TreeBlob;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random ranges on three buses, compared with a model that walks up with one address at a time. */
class DmaRangesModelTest {

    private static final int SPACE = 64;
    private static final long UNIT = 0x1000;

    /** Bus unit, parent unit, units. */
    private record Entry(int bus, int parent, int count) {}

    /** The entries of one bus, without an overlap on its own side; none means that addresses stay the same. */
    private static List<Entry> entries(Random random) {
        List<Entry> entries = new ArrayList<>();
        int at = 0;
        while (random.nextInt(4) > 0) {
            int bus = at + random.nextInt(10);
            int count = 1 + random.nextInt(20);
            if (bus + count > SPACE) {
                break;
            }
            entries.add(new Entry(bus, random.nextInt(SPACE - count), count));
            at = bus + count;
        }
        return entries;
    }

    private static long[] cells(List<Entry> entries, int addressCells) {
        List<Long> cells = new ArrayList<>();
        for (Entry entry : entries) {
            if (addressCells == 3) {
                cells.add(0x4300_0000L);
            }
            cells.addAll(List.of(0L, entry.bus * UNIT, 0L, entry.parent * UNIT, 0L, entry.count * UNIT));
        }
        return cells.stream().mapToLong(Long::longValue).toArray();
    }

    private static int translate(List<Entry> entries, int unit) {
        if (entries.isEmpty() || unit < 0) {
            return unit;
        }
        return entries.stream()
                .filter(entry -> unit >= entry.bus && unit < entry.bus + entry.count)
                .map(entry -> entry.parent + unit - entry.bus)
                .findFirst()
                .orElse(-1);
    }

    private static int translate(List<DmaRange> ranges, long address) {
        return ranges.stream()
                .filter(range -> address >= range.busAddress() && address < range.busAddress() + range.size())
                .map(range -> (int) ((range.pa() + address - range.busAddress()) / UNIT))
                .findFirst()
                .orElse(-1);
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23, 24})
    void everyAddressGoesWhereTheModelSays(long seed) {
        Random random = new Random(seed);
        int translated = 0;
        int refused = 0;
        for (int round = 0; round < 500; round++) {
            String where = "seed %d, round %d".formatted(seed, round);
            List<Entry> outer = entries(random);
            List<Entry> inner = entries(random);
            List<Entry> host = entries(random);
            TreeBlob blob = new TreeBlob().begin("").cells("#address-cells", 2).cells("#size-cells", 2);
            blob.begin("outer").cells("#address-cells", 2).cells("#size-cells", 2);
            blob.cells("dma-ranges", cells(outer, 2)).begin("inner");
            blob.cells("#address-cells", 2).cells("#size-cells", 2).cells("dma-ranges", cells(inner, 2));
            blob.begin("pcie").strings("device_type", "pci").cells("#address-cells", 3);
            blob.cells("#size-cells", 2).cells("dma-ranges", cells(host, 3));
            byte[] tree = blob.end().end().end().end().blob();
            try {
                Optional<List<DmaRange>> ranges = new DevicePaths(DeviceTree.read(tree))
                        .of(List.of(new PciAddress(0, 1, 0)))
                        .dmaRanges()
                        .map(Fact::value);
                assertEquals(host.isEmpty() && inner.isEmpty() && outer.isEmpty(), ranges.isEmpty(), where);
                for (int unit = 0; ranges.isPresent() && unit < SPACE; unit++) {
                    int expected = translate(outer, translate(inner, translate(host, unit)));
                    assertEquals(expected, translate(ranges.get(), unit * UNIT), where + ", unit " + unit);
                    translated += expected >= 0 ? 1 : 0;
                }
            } catch (DeviceTreeException e) {
                refused++;
                for (int unit = 0; unit < SPACE; unit++) {
                    assertEquals(-1, translate(outer, translate(inner, translate(host, unit))), where);
                }
            }
        }
        assertTrue(translated > 1000 && refused > 5, "seed %d: %d, %d".formatted(seed, translated, refused));
    }
}
