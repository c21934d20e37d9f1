package dev.postern.bus.pci;

/**
 * A memory BAR that has its address.
 *
 * @param index 0 to 5: the number of its (lower) register
 * @param pa guest-physical address of its first byte, a multiple of its size
 * @param size in bytes, a power of two, at least 16
 * @param kind width and prefetchability
 */
public record MemoryBar(int index, long pa, long size, BarKind kind) {

    /** Whether all {@code length} bytes from {@code offset} lie inside; never for negative numbers. */
    public boolean contains(long offset, long length) {
        return offset >= 0 && length >= 0 && length <= size && offset <= size - length;
    }

    @Override
    public String toString() {
        return "BAR %d (%s, 0x%x bytes at 0x%x)".formatted(index, kind, size, pa);
    }
}
