package dev.postern.machine;

/**
 * The x86 port space: 65536 byte-wide ports, accessed 1, 2 or 4 bytes wide. What is read is zero-extended; an absent
 * port reads as all ones and ignores writes.
 */
public interface PortSpace {

    /** Reads one byte, 0 to 0xff. */
    int in8(int port);

    /** Reads two bytes, 0 to 0xffff. */
    int in16(int port);

    /** Reads four bytes, as the 32 bits of an {@code int}. */
    int in32(int port);

    /** Writes the low 8 bits of {@code value}. */
    void out8(int port, int value);

    /** Writes the low 16 bits of {@code value}. */
    void out16(int port, int value);

    /** Writes 32 bits. */
    void out32(int port, int value);
}
