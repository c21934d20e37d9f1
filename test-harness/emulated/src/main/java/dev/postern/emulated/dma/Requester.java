package dev.postern.emulated.dma;

/**
 * Who asks for memory, as the interconnect sees it.
 *
 * @param id bus, device and function as an IOMMU sees them, 16 bits
 * @param path which way the access takes
 */
public record Requester(int id, DmaPath path) {

    /** The id as it is written for people, such as {@code 00:01.0}. */
    @Override
    public String toString() {
        return "%02x:%02x.%x".formatted(id >>> 8, id >>> 3 & 0x1f, id & 7);
    }
}
