package dev.postern.quirks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Rows of the user's own. A row that is not as it should be is set aside alone, with a complaint; the others work.
 *
 * @param rows in the order of their files' names and places
 * @param complaints about rows and files that were set aside
 */
public record LocalQuirks(List<QuirkRow> rows, List<Complaint> complaints) {

    /** The environment variable that names the folder when no option does. */
    public static final String ENVIRONMENT = "POSTERN_QUIRKS";

    /** No rows. */
    public static final LocalQuirks NONE = new LocalQuirks(List.of(), List.of());

    /** Takes immutable copies. */
    public LocalQuirks {
        rows = List.copyOf(rows);
        complaints = List.copyOf(complaints);
    }

    /** Reads the files of a folder whose names end in {@code .toml}; a folder that cannot be read is a complaint. */
    public static LocalQuirks in(Path folder) {
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(file -> file.getFileName().toString().endsWith(".toml"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            return new LocalQuirks(
                    List.of(),
                    List.of(new Complaint(
                            folder.toString(), 1, 1, "is no folder that can be read: give one of quirk files")));
        }
        return from(files.stream().map(QuirkFileReader::read).toList());
    }

    /** Takes the rows of files in order, and sets aside those whose id an earlier one has or that can never matter. */
    public static LocalQuirks from(List<QuirkFile> files) {
        List<QuirkRow> rows = new ArrayList<>();
        List<Complaint> complaints = new ArrayList<>();
        for (QuirkFile file : files) {
            rows.addAll(file.rows());
            complaints.addAll(file.complaints());
        }
        List<Complaint> among = QuirkLint.check(rows);
        complaints.addAll(among);
        Set<Place> bad = new HashSet<>();
        among.forEach(complaint -> bad.add(new Place(complaint.file(), complaint.line())));
        return new LocalQuirks(
                rows.stream().filter(row -> !bad.contains(row.where())).toList(), complaints);
    }
}
