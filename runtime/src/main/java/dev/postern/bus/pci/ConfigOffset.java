package dev.postern.bus.pci;

/** The check that every configuration access makes. */
final class ConfigOffset {

    private ConfigOffset() {}

    static void require(ConfigSpace space, PciAddress address, int offset, int width) {
        if (offset < 0 || (offset & (width - 1)) != 0 || offset > space.functionBytes() - width) {
            throw new IllegalArgumentException(
                    "PCI %s: configuration offset 0x%x, width %d: it must be aligned and end within %d bytes"
                            .formatted(address, offset, width, space.functionBytes()));
        }
    }
}
