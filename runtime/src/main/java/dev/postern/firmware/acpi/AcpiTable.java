package dev.postern.firmware.acpi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * One table: a private copy of its bytes, whose length and checksum are right.
 *
 * <p><b>Threads:</b> immutable. <b>Errors:</b> reading past the end is an {@link AcpiException} that names the table, so
 * that a parser of a table needs no bounds checks of its own to be safe.
 */
public final class AcpiTable {

    /** Bytes of the header that all tables but the root pointer and FACS begin with. */
    public static final int HEADER_BYTES = 36;

    /** The address of a table that was handed over as bytes and lies nowhere in RAM. */
    public static final long NOWHERE = -1;

    /** More than any table has; a length beyond it is a mistake or an attack. */
    static final int MAXIMUM_BYTES = 16 << 20;

    private final long pa;
    private final ByteBuffer bytes;

    private AcpiTable(long pa, ByteBuffer bytes) {
        this.pa = pa;
        this.bytes = bytes;
    }

    /**
     * Checks a copy of a table.
     *
     * @param pa where it was, or {@link #NOWHERE}
     * @param copy at least what the header says; what follows the table is ignored. The array belongs to the table from
     *     here on
     * @throws AcpiException if header, length or checksum is wrong
     */
    static AcpiTable checked(long pa, byte[] copy) {
        if (copy.length < HEADER_BYTES) {
            throw new AcpiException(
                    "ACPI: table %s: %d bytes are left, a header has %d".formatted(at(pa), copy.length, HEADER_BYTES));
        }
        ByteBuffer all = ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN);
        String name = signature(all, 0) + " " + at(pa);
        int length = checkedLength(name, all.getInt(4), copy.length);
        Checksum.require("ACPI: " + name, all, 0, length);
        return new AcpiTable(pa, all.slice(0, length).order(ByteOrder.LITTLE_ENDIAN));
    }

    /** A length field that is credible and not beyond what is there. */
    static int checkedLength(String name, int length, long available) {
        if (length < HEADER_BYTES || length > MAXIMUM_BYTES) {
            throw new AcpiException("ACPI: %s: length is %d, outside %d to %d"
                    .formatted(name, Integer.toUnsignedLong(length), HEADER_BYTES, MAXIMUM_BYTES));
        }
        if (length > available) {
            throw new AcpiException(
                    "ACPI: %s: length is %d, but only %d bytes are there".formatted(name, length, available));
        }
        return length;
    }

    /** Four characters; what is not printable shows as a question mark, so that a message stays one clean line. */
    static String signature(ByteBuffer bytes, int offset) {
        byte[] four = new byte[4];
        bytes.get(offset, four);
        for (int i = 0; i < four.length; i++) {
            if (four[i] < ' ' || four[i] > '~') {
                four[i] = '?';
            }
        }
        return new String(four, StandardCharsets.US_ASCII);
    }

    static String at(long pa) {
        return pa == NOWHERE ? "(given as bytes)" : "at 0x%x".formatted(pa);
    }

    /** The four characters that name the kind of table, such as {@code APIC}. */
    public String signature() {
        return signature(bytes, 0);
    }

    /** Guest-physical address, or {@link #NOWHERE}. */
    public long pa() {
        return pa;
    }

    /** Length in bytes, header included. */
    public int length() {
        return bytes.capacity();
    }

    /** The revision of the table's layout. */
    public int revision() {
        return read8(8);
    }

    /** One byte, 0 to 0xff, at an offset from the start of the table. */
    public int read8(int offset) {
        require(offset, 1);
        return bytes.get(offset) & 0xff;
    }

    /** Two bytes, 0 to 0xffff; unaligned is fine. */
    public int read16(int offset) {
        require(offset, 2);
        return bytes.getShort(offset) & 0xffff;
    }

    /** Four bytes as the 32 bits of an int; unaligned is fine. */
    public int read32(int offset) {
        require(offset, 4);
        return bytes.getInt(offset);
    }

    /** Eight bytes; unaligned is fine. */
    public long read64(int offset) {
        require(offset, 8);
        return bytes.getLong(offset);
    }

    /** An exception about this table; {@code what} completes the line. */
    public AcpiException malformed(String what) {
        return new AcpiException("ACPI: %s: %s".formatted(this, what));
    }

    private void require(int offset, int width) {
        if (offset < 0 || offset > length() - width) {
            throw malformed("it ends at byte %d, before the %d bytes at offset %d".formatted(length(), width, offset));
        }
    }

    /** Signature and address, for messages. */
    @Override
    public String toString() {
        return signature() + " " + at(pa);
    }
}
