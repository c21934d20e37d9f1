package dev.postern.emulated.dma;

import dev.postern.machine.RamRegion;
import java.lang.foreign.MemorySegment;

/**
 * What lies behind the addresses that a device puts on the bus. This is where an IOMMU, the state of a page, a table of grants or a
 * cache that is not snooped steps in: it may refuse, translate, or answer for less than was asked.
 */
public interface DmaView {

    /** What {@link #pa} answers where no byte of RAM is meant. */
    long NOWHERE = -1;

    /**
     * The bytes at the start of a range.
     *
     * @param by who asks, and which way
     * @param dva address on the bus
     * @param length at least 1
     * @param intent what will be done with the bytes
     * @return a piece of 1 to {@code length} bytes that begins at {@code dva}, or null when the access is refused
     */
    MemorySegment piece(Requester by, long dva, long length, DmaIntent intent);

    /**
     * How much of a range {@link #piece} would answer for, asked without reading or writing: nothing is noted and nothing
     * changes.
     *
     * @return 1 to {@code length}, or 0 when the access would be refused
     */
    default long reach(Requester by, long dva, long length, DmaIntent intent) {
        MemorySegment piece = piece(by, dva, length, intent);
        return piece == null ? 0 : piece.byteSize();
    }

    /**
     * The RAM behind a whole range, where each later access of this requester would lead to these very bytes and need not be asked for
     * or noted; else null. A null is always right.
     *
     * @param length at least 1
     */
    default RamRegion plainRam(Requester by, long dva, long length, DmaIntent intent) {
        return null;
    }

    /**
     * Whether what a device stores at an address can be seen by the CPU. A store that goes elsewhere may still look like a
     * success to the device.
     */
    default boolean arrives(Requester by, long dva) {
        return true;
    }

    /** The guest-physical address of the byte of RAM that is meant by an address on the bus, or {@link #NOWHERE}. */
    long pa(Requester by, long dva);

    /**
     * The device maps a range that it will use again and again. Nothing is refused here: what cannot be mapped is refused when it
     * is used.
     *
     * @param length at least 1
     */
    default Hold hold(Requester by, long dva, long length, DmaIntent intent) {
        return Hold.NONE;
    }
}
