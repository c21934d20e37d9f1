package dev.postern.quirks;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads TOML files of quirk rows. Used by the build for the shipped files and at run time for local ones alone.
 *
 * <p>A file holds any number of {@code [[row]]} tables, each with {@code id}, {@code title}, {@code reason} and {@code source},
 * and with the tables {@code row.match}, {@code row.set}, {@code row.given} and {@code row.expect}.
 */
public final class QuirkFileReader {

    /** The longest file that is read, in bytes: 1 MiB. */
    public static final int LONGEST = TomlSource.LONGEST;

    private static final String ARRAY = "row";

    private QuirkFileReader() {}

    /** Reads a file. Whatever is wrong with it is a complaint; nothing is thrown. */
    public static QuirkFile read(Path file) {
        return rows(file.toString(), TomlSource.read(file, "quirk rows", ARRAY));
    }

    /**
     * Reads the bytes of a file.
     *
     * @param name what messages call it
     */
    public static QuirkFile read(String name, byte[] bytes) {
        return rows(name, TomlSource.read(name, bytes, ARRAY));
    }

    private static QuirkFile rows(String name, TomlSource source) {
        return switch (source) {
            case TomlSource.Unusable(Complaint complaint) -> new QuirkFile(name, List.of(), List.of(complaint));
            case TomlSource.Parsed(String _, JsonNode root, TomlPlaces places) -> rows(name, root, places);
        };
    }

    private static QuirkFile rows(String name, JsonNode root, TomlPlaces places) {
        List<QuirkRow> rows = new ArrayList<>();
        List<Complaint> complaints = new ArrayList<>();
        root.fieldNames().forEachRemaining(key -> {
            if (!key.equals(ARRAY)) {
                complaints.add(
                        places.topLevel(key).says(name, "unknown key \"%s\": rows begin with [[row]]".formatted(key)));
            }
        });
        JsonNode array = root.path(ARRAY);
        if (!array.isArray() && !array.isMissingNode()) {
            complaints.add(new Complaint(name, 1, 1, "\"row\" is no array of tables: begin each row with [[row]]"));
        }
        for (int i = 0; array.isArray() && i < array.size(); i++) {
            RowParser parser = new RowParser(name, i, array.get(i), places);
            parser.row().ifPresent(rows::add);
            complaints.addAll(parser.complaints());
        }
        return new QuirkFile(name, rows, complaints);
    }
}
