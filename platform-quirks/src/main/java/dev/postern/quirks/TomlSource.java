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

/** A file as TOML, whatever it says, or the complaint because of which it is none. */
sealed interface TomlSource {

    /** The longest file that is read, in bytes: 1 MiB. */
    int LONGEST = 1 << 20;

    /**
     * A file that is TOML.
     *
     * @param name what messages call the file
     * @param root what it says
     * @param places where it says so
     */
    record Parsed(String name, JsonNode root, TomlPlaces places) implements TomlSource {}

    /**
     * A file that is of no use.
     *
     * @param complaint why, and what to give instead
     */
    record Unusable(Complaint complaint) implements TomlSource {}

    /**
     * Reads a file, and not more of it than {@link #LONGEST}.
     *
     * @param content what the file should hold, for messages
     * @param array the name of its array of tables
     */
    static TomlSource read(Path file, String content, String array) {
        String name = file.toString();
        if (Files.isDirectory(file)) {
            return unusable(name, 1, 1, "is a folder: give a TOML file of %s".formatted(content));
        }
        try (InputStream in = Files.newInputStream(file)) {
            return read(name, in.readNBytes(LONGEST + 1), array);
        } catch (IOException e) {
            return unusable(
                    name,
                    1,
                    1,
                    "cannot be read (%s): give a TOML file of %s"
                            .formatted(e.getClass().getSimpleName(), content));
        }
    }

    /**
     * Reads the bytes of a file.
     *
     * @param name what messages call it
     * @param array the name of its array of tables
     */
    static TomlSource read(String name, byte[] bytes, String array) {
        if (bytes.length > LONGEST) {
            return unusable(name, 1, 1, "is longer than %d bytes: split it".formatted(LONGEST));
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
            return new Parsed(name, new TomlMapper().readTree(text), new TomlPlaces(text, array));
        } catch (JacksonException e) {
            JsonLocation at = e.getLocation();
            return unusable(
                    name,
                    at == null ? 1 : Math.max(at.getLineNr(), 1),
                    at == null ? 1 : Math.max(at.getColumnNr(), 1),
                    "is not TOML: " + e.getOriginalMessage().lines().findFirst().orElse("it cannot be parsed"));
        }
    }

    /** The place of the first byte that begins no character: what was decoded before it says where it stands. */
    private static TomlSource notUtf8(String name, byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        StandardCharsets.UTF_8.newDecoder().decode(in, out, true);
        String before = out.flip().toString();
        int line = (int) before.chars().filter(c -> c == '\n').count() + 1;
        int column = before.length() - before.lastIndexOf('\n');
        return unusable(name, line, column, "is not UTF-8 from here on: save it as UTF-8");
    }

    private static TomlSource unusable(String name, int line, int column, String message) {
        return new Unusable(new Complaint(name, line, column, message));
    }
}
