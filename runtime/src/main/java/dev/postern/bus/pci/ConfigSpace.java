package dev.postern.bus.pci;

/**
 * Configuration space of all functions behind one host bridge.
 *
 * <p>A function that is not there, or whose bus this space does not reach, reads as all ones and ignores writes. What is
 * read is zero-extended. An offset that is not a multiple of the width, or that lies beyond {@link #functionBytes()}, is
 * a fault of the caller and an {@link IllegalArgumentException}.
 */
public interface ConfigSpace {

    /** Bytes of configuration space a function: 256, or 4096 with the extended part. */
    int functionBytes();

    /** The lowest bus that is reached, 0 to 255; the root bus. */
    int firstBus();

    /** The highest bus that is reached, at least {@link #firstBus()}. */
    int lastBus();

    /** Reads one byte, 0 to 0xff. */
    int read8(PciAddress address, int offset);

    /** Reads two bytes, 0 to 0xffff. */
    int read16(PciAddress address, int offset);

    /** Reads four bytes, as the 32 bits of an {@code int}. */
    int read32(PciAddress address, int offset);

    /** Writes the low 8 bits of {@code value}. */
    void write8(PciAddress address, int offset, int value);

    /** Writes the low 16 bits of {@code value}. */
    void write16(PciAddress address, int offset, int value);

    /** Writes 32 bits. */
    void write32(PciAddress address, int offset, int value);
}
