package dev.postern.firmware.devicetree;

import java.util.ArrayList;
import java.util.List;

/**
 * One entry of {@code reg}, {@code ranges} or {@code dma-ranges} (Devicetree Specification 0.4, 2.3.6, 2.3.8 and 2.3.9). Numbers are
 * unsigned 64-bit as the blob has them; whether they make sense is the reader's business.
 *
 * @param space the first of three address cells, which names the space on a PCI bus; 0 where an address has fewer
 * @param childAddress the address as the node itself (for {@code reg}) or the bus below (for ranges) counts
 * @param parentAddress the same place as the bus above counts; for {@code reg} equal to {@code childAddress}
 * @param length in bytes
 */
public record AddressRange(long space, long childAddress, long parentAddress, long length) {

    private static final int CELLS_OF_A_NUMBER = 2;

    /**
     * The entries of {@code reg}; none where there is no such property.
     *
     * @param parent the node above, whose cell counts apply
     * @throws DeviceTreeException when the property does not hold whole entries
     */
    public static List<AddressRange> reg(DeviceTreeNode node, DeviceTreeNode parent) {
        return node.property("reg")
                .map(property -> entries(property, parent.addressCells(), 0, parent.sizeCells()))
                .orElse(List.of());
    }

    /**
     * The entries of {@code ranges} or {@code dma-ranges}; none where the property is missing (nothing reaches across) and none where it
     * is empty (both sides count alike): ask {@link DeviceTreeNode#has} which it is.
     *
     * @param property its name
     * @param parent the node above, whose address cells apply on its side
     * @throws DeviceTreeException when the property does not hold whole entries
     */
    public static List<AddressRange> ranges(String property, DeviceTreeNode bus, DeviceTreeNode parent) {
        return bus.property(property)
                .map(found -> entries(found, bus.addressCells(), parent.addressCells(), bus.sizeCells()))
                .orElse(List.of());
    }

    private static List<AddressRange> entries(DeviceTreeProperty property, int child, int parent, int size) {
        long[] cells = property.cells();
        int entry = child + parent + size;
        if (cells.length != 0 && (entry == 0 || cells.length % entry != 0)) {
            throw property.malformed("has %d cells, not whole entries of %d".formatted(cells.length, entry));
        }
        List<AddressRange> entries = new ArrayList<>();
        for (int at = 0; at < cells.length; at += entry) {
            long childAddress = number(cells, at, child);
            entries.add(new AddressRange(
                    child > CELLS_OF_A_NUMBER ? cells[at] : 0,
                    childAddress,
                    parent == 0 ? childAddress : number(cells, at + child, parent),
                    number(cells, at + child + parent, size)));
        }
        return List.copyOf(entries);
    }

    /** The last two of so many cells; the cell before them, if any, is no part of the number. */
    private static long number(long[] cells, int at, int count) {
        long value = 0;
        for (int i = Math.max(0, count - CELLS_OF_A_NUMBER); i < count; i++) {
            value = value << Integer.SIZE | cells[at + i];
        }
        return value;
    }
}
