package dev.postern.emulated.dma;

import java.lang.foreign.MemorySegment;

/**
 * What lies behind the addresses that a device puts on the bus. This is where an IOMMU, the state of a page or an
 * address mask steps in: it may refuse, translate, or answer for less than was asked.
 */
public interface DmaView {

    /**
     * The bytes at the start of a range.
     *
     * @param requesterId bus, device and function as the access shows them to an IOMMU, 16 bits
     * @param dva address on the bus
     * @param length at least 1
     * @param intent what will be done with the bytes
     * @return a piece of 1 to {@code length} bytes that begins at {@code dva}, or null when the access is refused
     */
    MemorySegment piece(int requesterId, long dva, long length, DmaIntent intent);

    /**
     * How much of a range {@link #piece} would answer for, asked without reading or writing: nothing is noted and nothing
     * changes.
     *
     * @return 1 to {@code length}, or 0 when the access would be refused
     */
    default long reach(int requesterId, long dva, long length, DmaIntent intent) {
        MemorySegment piece = piece(requesterId, dva, length, intent);
        return piece == null ? 0 : piece.byteSize();
    }

    /**
     * Whether what a device stores at an address can be seen by the CPU. A store that goes elsewhere may still look like a
     * success to the device.
     */
    default boolean arrives(int requesterId, long dva) {
        return true;
    }
}
