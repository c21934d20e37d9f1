package dev.postern.bus.pci;

/**
 * A memory BAR that wants an address.
 *
 * @param index 0 to 5
 * @param size in bytes, a power of two; also its alignment
 * @param kind width and prefetchability
 */
record BarRequest(int index, long size, BarKind kind) {

    @Override
    public String toString() {
        return "BAR %d (%s, 0x%x bytes)".formatted(index, kind, size);
    }
}
