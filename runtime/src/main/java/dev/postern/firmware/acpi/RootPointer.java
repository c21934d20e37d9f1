package dev.postern.firmware.acpi;

import dev.postern.memory.PhysicalMemory;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What the root system description pointer (RSDP) leads to.
 *
 * @param tablePa address of the root table
 * @param entryBytes size of its entries: 8 for an XSDT, 4 for an RSDT
 * @param length bytes of the RSDP itself
 */
record RootPointer(long tablePa, int entryBytes, int length) {

    private static final byte[] SIGNATURE = "RSD PTR ".getBytes(StandardCharsets.US_ASCII);
    private static final int FIRST_LENGTH = 20;
    private static final int SECOND_LENGTH = 36;

    static RootPointer read(PhysicalMemory memory, long pa) {
        ByteBuffer first = copy(memory, pa, FIRST_LENGTH);
        byte[] signature = new byte[SIGNATURE.length];
        first.get(0, signature);
        if (!Arrays.equals(signature, SIGNATURE)) {
            throw new AcpiException("ACPI: RSDP at 0x%x: it does not begin with 'RSD PTR '".formatted(pa));
        }
        Checksum.require("ACPI: RSDP at 0x%x".formatted(pa), first, 0, FIRST_LENGTH);
        if ((first.get(15) & 0xff) < 2) {
            return root(pa, Integer.toUnsignedLong(first.getInt(16)), 4, FIRST_LENGTH);
        }
        ByteBuffer second = copy(memory, pa, SECOND_LENGTH);
        int length = second.getInt(20);
        if (length != SECOND_LENGTH) {
            throw new AcpiException("ACPI: RSDP at 0x%x: length is %d, not %d"
                    .formatted(pa, Integer.toUnsignedLong(length), SECOND_LENGTH));
        }
        Checksum.require("ACPI: RSDP at 0x%x (extended)".formatted(pa), second, 0, SECOND_LENGTH);
        long xsdt = second.getLong(24);
        if (xsdt != 0) {
            return root(pa, xsdt, 8, SECOND_LENGTH);
        }
        return root(pa, Integer.toUnsignedLong(second.getInt(16)), 4, SECOND_LENGTH);
    }

    String tableName() {
        return entryBytes == 8 ? "XSDT" : "RSDT";
    }

    private static RootPointer root(long pa, long tablePa, int entryBytes, int length) {
        if (tablePa == 0) {
            throw new AcpiException("ACPI: RSDP at 0x%x: it points to no root table".formatted(pa));
        }
        return new RootPointer(tablePa, entryBytes, length);
    }

    private static ByteBuffer copy(PhysicalMemory memory, long pa, int length) {
        if (!memory.contains(pa, length)) {
            throw new AcpiException(
                    "ACPI: RSDP at 0x%x: its %d bytes are not inside RAM (%s)".formatted(pa, length, memory));
        }
        byte[] copy = memory.slice(pa, length).toArray(ValueLayout.JAVA_BYTE);
        return ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN);
    }
}
