package dev.postern.lab.evaluate;

import dev.postern.quirks.QuirkRow;
import dev.postern.quirks.QuirkTable;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * Which quirk rows a sweep had, so that shards of different tables are not put together.
 *
 * @param rows how many
 * @param checksum CRC-32 of their ids, conditions and effects in order, 8 hexadecimal digits
 */
public record SweptTable(int rows, String checksum) {

    /** Describes a table. */
    public static SweptTable of(QuirkTable table) {
        CRC32 crc = new CRC32();
        for (QuirkRow row : table.rows()) {
            crc.update("%s %s %s\n".formatted(row.id(), row.match(), row.set()).getBytes(StandardCharsets.UTF_8));
        }
        return new SweptTable(table.rows().size(), "%08x".formatted(crc.getValue()));
    }
}
