package dev.postern.firmware.acpi;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Makes tables, for tests. */
final class TableBytes {

    private TableBytes() {}

    /** A table with a right header around a body. */
    static byte[] table(String signature, byte[] body) {
        byte[] table = new byte[AcpiTable.HEADER_BYTES + body.length];
        ByteBuffer bytes = ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(0, signature.getBytes(StandardCharsets.US_ASCII));
        bytes.putInt(4, table.length);
        bytes.put(8, (byte) 1);
        bytes.put(AcpiTable.HEADER_BYTES, body);
        return fixed(table, 9, table.length);
    }

    /** Makes the first {@code length} bytes add up to 0 by the byte at {@code at}. */
    static byte[] fixed(byte[] bytes, int at, int length) {
        bytes[at] = 0;
        int sum = 0;
        for (int i = 0; i < length; i++) {
            sum += bytes[i];
        }
        bytes[at] = (byte) -sum;
        return bytes;
    }

    static byte[] mcfg(long basePa, int segment, int startBus, int endBus) {
        ByteBuffer body = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        body.putLong(8, basePa)
                .putShort(16, (short) segment)
                .put(18, (byte) startBus)
                .put(19, (byte) endBus);
        return table("MCFG", body.array());
    }

    /** Local APIC 1, I/O APIC 2 at 0xfec00000, override of ISA 9, an entry of an unknown kind, x2APIC 0x101. */
    static byte[] madt() {
        ByteBuffer body = ByteBuffer.allocate(8 + 8 + 12 + 10 + 3 + 16).order(ByteOrder.LITTLE_ENDIAN);
        body.putInt(0xfee00000).putInt(1);
        body.put(new byte[] {0, 8, 7, 1}).putInt(1);
        body.put(new byte[] {1, 12, 2, 0}).putInt(0xfec00000).putInt(16);
        body.put(new byte[] {2, 10, 0, 9}).putInt(9).putShort((short) 13);
        body.put(new byte[] {(byte) 0x99, 3, 0});
        body.put(new byte[] {9, 16, 0, 0}).putInt(0x101).putInt(1).putInt(8);
        return table("APIC", body.array());
    }

    static byte[] xsdt(long... tables) {
        ByteBuffer body = ByteBuffer.allocate(8 * tables.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long pa : tables) {
            body.putLong(pa);
        }
        return table("XSDT", body.array());
    }

    static byte[] rsdt(int... tables) {
        ByteBuffer body = ByteBuffer.allocate(4 * tables.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int pa : tables) {
            body.putInt(pa);
        }
        return table("RSDT", body.array());
    }

    static byte[] rsdp(int revision, int rsdtPa, long xsdtPa) {
        byte[] rsdp = new byte[revision < 2 ? 20 : 36];
        ByteBuffer bytes = ByteBuffer.wrap(rsdp).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(0, "RSD PTR ".getBytes(StandardCharsets.US_ASCII));
        bytes.put(15, (byte) revision).putInt(16, rsdtPa);
        fixed(rsdp, 8, 20);
        if (revision >= 2) {
            bytes.putInt(20, 36).putLong(24, xsdtPa);
            fixed(rsdp, 32, 36);
        }
        return rsdp;
    }

    static void put(MemorySegment ram, long pa, byte[] bytes) {
        ram.asSlice(pa, bytes.length).copyFrom(MemorySegment.ofArray(bytes));
    }
}
