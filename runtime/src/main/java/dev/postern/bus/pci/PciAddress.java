package dev.postern.bus.pci;

/**
 * Where a function sits.
 *
 * @param bus 0 to 255
 * @param device 0 to 31
 * @param function 0 to 7
 */
public record PciAddress(int bus, int device, int function) implements Comparable<PciAddress> {

    /** Checks the ranges given above. */
    public PciAddress {
        if ((bus & ~0xff) != 0 || (device & ~0x1f) != 0 || (function & ~7) != 0) {
            throw new IllegalArgumentException("PCI address %d:%d.%d: bus is 0 to 255, device 0 to 31, function 0 to 7"
                    .formatted(bus, device, function));
        }
    }

    /** The 16 bits that the function's transactions carry: bus in the high byte, device and function in the low. */
    public int requesterId() {
        return bus << 8 | device << 3 | function;
    }

    @Override
    public int compareTo(PciAddress other) {
        return Integer.compare(requesterId(), other.requesterId());
    }

    /** As {@code lspci} writes it, such as {@code 00:03.0}. */
    @Override
    public String toString() {
        return "%02x:%02x.%x".formatted(bus, device, function);
    }
}
