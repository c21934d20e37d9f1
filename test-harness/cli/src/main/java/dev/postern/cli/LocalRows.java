package dev.postern.cli;

import dev.postern.quirks.Complaint;
import dev.postern.quirks.LocalQuirks;
import dev.postern.quirks.QuirkTable;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The rows of the folder that the environment names, beside those that are shipped. */
final class LocalRows {

    private LocalRows() {}

    /** The local rows; none when the environment names no folder. */
    static LocalQuirks in(Map<String, String> environment) {
        String folder = environment.getOrDefault(LocalQuirks.ENVIRONMENT, "");
        if (folder.isEmpty()) {
            return LocalQuirks.NONE;
        }
        try {
            return LocalQuirks.in(Path.of(folder));
        } catch (InvalidPathException e) {
            return new LocalQuirks(
                    List.of(), List.of(new Complaint(folder, 1, 1, "cannot be a folder's name: " + e.getReason())));
        }
    }

    /** All rows that count. What was set aside is said on standard error, line by line, and all others count. */
    static QuirkTable table(Map<String, String> environment, Streams streams) {
        LocalQuirks local = in(environment);
        local.complaints().forEach(complaint -> streams.err().println("postern: set aside: " + complaint));
        return QuirkTable.shipped().overriddenBy(local);
    }
}
