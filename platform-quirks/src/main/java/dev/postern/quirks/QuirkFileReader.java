package dev.postern.quirks;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
    public static final int LONGEST = 1 << 20;

    private QuirkFileReader() {}

    /** Reads a file. Whatever is wrong with it is a complaint; nothing is thrown. */
    public static QuirkFile read(Path file) {
        String name = file.toString();
        if (Files.isDirectory(file)) {
            return unreadable(name, 1, 1, "is a folder: give a TOML file of quirk rows");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return read(name, in.readNBytes(LONGEST + 1));
        } catch (IOException e) {
            return unreadable(name, 1, 1, "cannot be read (%s): give a TOML file of quirk rows".formatted(oneLine(e)));
        }
    }

    /**
     * Reads the bytes of a file.
     *
     * @param name what messages call it
     */
    public static QuirkFile read(String name, byte[] bytes) {
        if (bytes.length > LONGEST) {
            return unreadable(name, 1, 1, "is longer than %d bytes: split it".formatted(LONGEST));
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return notUtf8(name, bytes);
        }
        try {
            JsonNode root = new TomlMapper().readTree(text);
            return rows(name, root, new TomlPlaces(text));
        } catch (JacksonException e) {
            JsonLocation at = e.getLocation();
            return unreadable(
                    name,
                    at == null ? 1 : Math.max(at.getLineNr(), 1),
                    at == null ? 1 : Math.max(at.getColumnNr(), 1),
                    "is not TOML: " + e.getOriginalMessage().lines().findFirst().orElse("it cannot be parsed"));
        }
    }

    /** The place of the first byte that begins no character: what was decoded before it says where it stands. */
    private static QuirkFile notUtf8(String name, byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        StandardCharsets.UTF_8.newDecoder().decode(in, out, true);
        String before = out.flip().toString();
        int line = (int) before.chars().filter(c -> c == '\n').count() + 1;
        int column = before.length() - before.lastIndexOf('\n');
        return unreadable(name, line, column, "is not UTF-8 from here on: save it as UTF-8");
    }

    private static QuirkFile unreadable(String name, int line, int column, String message) {
        return new QuirkFile(name, List.of(), List.of(new Complaint(name, line, column, message)));
    }

    private static QuirkFile rows(String name, JsonNode root, TomlPlaces places) {
        List<QuirkRow> rows = new ArrayList<>();
        List<Complaint> complaints = new ArrayList<>();
        root.fieldNames().forEachRemaining(key -> {
            if (!key.equals("row")) {
                TomlPlaces.Spot spot = places.key(-1, "", key);
                complaints.add(new Complaint(
                        name,
                        spot.line(),
                        spot.column(),
                        "unknown key \"%s\": rows begin with [[row]]".formatted(key)));
            }
        });
        JsonNode array = root.path("row");
        if (!array.isArray() && !array.isMissingNode()) {
            complaints.add(new Complaint(name, 1, 1, "\"row\" is no array of tables: begin each row with [[row]]"));
        }
        for (int i = 0; i < array.size(); i++) {
            RowParser parser = new RowParser(name, i, array.get(i), places);
            parser.row().ifPresent(rows::add);
            complaints.addAll(parser.complaints());
        }
        return new QuirkFile(name, rows, complaints);
    }

    private static String oneLine(IOException e) {
        return e.getClass().getSimpleName();
    }
}
