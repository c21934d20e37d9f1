package dev.postern.firmware.acpi;

import java.nio.ByteBuffer;

/** The checksum of ACPI: the bytes of a table, the checksum byte among them, add up to 0 modulo 256. */
final class Checksum {

    private Checksum() {}

    static void require(String name, ByteBuffer bytes, int offset, int length) {
        int sum = 0;
        for (int i = 0; i < length; i++) {
            sum += bytes.get(offset + i);
        }
        if ((sum & 0xff) != 0) {
            throw new AcpiException("%s: checksum is 0x%x off; the table is damaged or its length is wrong"
                    .formatted(name, sum & 0xff));
        }
    }
}
