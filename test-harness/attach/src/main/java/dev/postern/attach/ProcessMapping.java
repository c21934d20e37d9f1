package dev.postern.attach;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One line of {@code /proc/…/maps} (proc_pid_maps(5)).
 *
 * @param start the first address
 * @param end the address after the last
 * @param permissions such as {@code rw-s}; the last letter is {@code s} when stores are seen by others, {@code p} when not
 * @param offset where in its file it begins, in bytes
 * @param device where its file is, as the system writes it
 * @param inode of its file there; 0 when there is none
 * @param name its file or purpose; empty when it has none
 */
public record ProcessMapping(
        long start, long end, String permissions, long offset, String device, long inode, String name) {

    private static final Pattern LINE =
            Pattern.compile("([0-9a-f]+)-([0-9a-f]+) (\\S{4}) ([0-9a-f]+) (\\S+) (\\d+)\\s*(.*)");

    /** All mappings of this JVM, ascending. */
    static List<ProcessMapping> ours() throws IOException {
        return read(Path.of("/proc/self/maps"));
    }

    /** All mappings of another process, ascending. */
    static List<ProcessMapping> of(long pid) throws IOException {
        return read(Path.of("/proc/" + pid + "/maps"));
    }

    private static List<ProcessMapping> read(Path maps) throws IOException {
        // A file name may be in any encoding; Latin-1 reads all of them.
        return Files.readAllLines(maps, StandardCharsets.ISO_8859_1).stream()
                .map(ProcessMapping::parse)
                .toList();
    }

    static ProcessMapping parse(String line) {
        Matcher fields = LINE.matcher(line);
        if (!fields.matches()) {
            throw new IllegalArgumentException("not a line of /proc/…/maps: " + line);
        }
        return new ProcessMapping(
                Long.parseUnsignedLong(fields.group(1), 16),
                Long.parseUnsignedLong(fields.group(2), 16),
                fields.group(3),
                Long.parseUnsignedLong(fields.group(4), 16),
                fields.group(5),
                Long.parseLong(fields.group(6)),
                fields.group(7));
    }

    /** Size in bytes. */
    public long size() {
        return end - start;
    }

    /** Whether the process may read it. */
    public boolean readable() {
        return permissions.charAt(0) == 'r';
    }

    /** Whether stores are seen by all who map the same. */
    public boolean shared() {
        return permissions.charAt(3) == 's';
    }

    /** Whether both are of the same file. */
    boolean sameFile(ProcessMapping other) {
        return inode != 0 && inode == other.inode && device.equals(other.device);
    }

    /** Whether these are one file from its beginning to a size, each byte once. */
    static boolean cover(List<ProcessMapping> parts, long size) {
        List<ProcessMapping> sorted = parts.stream()
                .sorted((a, b) -> Long.compare(a.offset, b.offset))
                .toList();
        long at = 0;
        for (ProcessMapping part : sorted) {
            if (part.offset != at) {
                return false;
            }
            at += part.size();
        }
        return at == size;
    }

    /** The name, or what it is without one. */
    public String described() {
        return name.isEmpty() ? "anonymous memory" : name;
    }
}
