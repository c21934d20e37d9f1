package dev.postern.machine;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * One contiguous range of RAM.
 *
 * <p>A message-signalled interrupt whose address lies in a region lands there as a four-byte little-endian store.
 *
 * @param basePa guest-physical address of the first byte; a multiple of 4096
 * @param segment the bytes; its size is the size of the region, a multiple of 4096. It belongs to the machine and may be
 *     written by the device side at any time
 * @param backing the file behind the bytes, by which another process can be given them; empty where there is none
 */
public record RamRegion(long basePa, MemorySegment segment, Optional<Backing> backing) {

    /**
     * Where a region lies in a file without a name.
     *
     * @param descriptor of this process; the machine's, and open as long as it is
     * @param offsetBytes of the region's first byte in the file
     * @param pageBytes size of the pages behind it, such as 4096, or 2 MiB where there are huge ones
     */
    public record Backing(int descriptor, long offsetBytes, long pageBytes) {}

    /** RAM of this process alone. */
    public RamRegion(long basePa, MemorySegment segment) {
        this(basePa, segment, Optional.empty());
    }

    /** Checks alignment and that the region does not wrap around the end of the address space. */
    public RamRegion {
        if ((basePa & 0xfff) != 0 || (segment.byteSize() & 0xfff) != 0 || segment.byteSize() == 0) {
            throw new IllegalArgumentException("RAM region 0x%x, size 0x%x: both must be whole pages of 4096 bytes"
                    .formatted(basePa, segment.byteSize()));
        }
        if (basePa < 0 || basePa + segment.byteSize() < 0) {
            throw new IllegalArgumentException("RAM region 0x%x, size 0x%x: beyond the 63-bit address space"
                    .formatted(basePa, segment.byteSize()));
        }
    }

    /** Size in bytes. */
    public long size() {
        return segment.byteSize();
    }

    /** The first address after the region. */
    public long endPa() {
        return basePa + segment.byteSize();
    }

    /** Whether the range of {@code length} bytes from {@code pa} lies wholly inside. */
    public boolean contains(long pa, long length) {
        return pa >= basePa && length >= 0 && length <= size() && pa - basePa <= size() - length;
    }
}
