package dev.postern.machine;

/**
 * Memory-mapped registers: single accesses of 1, 2, 4 or 8 bytes, never merged, never reordered among each other.
 *
 * <p>An address is naturally aligned for its width. What is read is zero-extended. A register access is a full fence: a
 * store to RAM made before a register write is visible to the device when it sees that write.
 *
 * <p>It is not the way to RAM; an access to an address inside {@link Machine#ram()} is a fault of the caller.
 */
public interface RegisterSpace {

    /** Reads one byte, 0 to 0xff. */
    int read8(long pa);

    /** Reads two bytes, 0 to 0xffff. */
    int read16(long pa);

    /** Reads four bytes, as the 32 bits of an {@code int}. */
    int read32(long pa);

    /** Reads eight bytes in one access where the machine can; a device must tolerate two halves, low first. */
    long read64(long pa);

    /** Writes the low 8 bits of {@code value}. */
    void write8(long pa, int value);

    /** Writes the low 16 bits of {@code value}. */
    void write16(long pa, int value);

    /** Writes 32 bits. */
    void write32(long pa, int value);

    /** Writes 64 bits in one access where the machine can; a device must tolerate two halves, low first. */
    void write64(long pa, long value);
}
