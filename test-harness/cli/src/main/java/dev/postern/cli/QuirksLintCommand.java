package dev.postern.cli;

import dev.postern.quirks.Complaint;
import dev.postern.quirks.LocalQuirks;
import dev.postern.quirks.Place;
import dev.postern.quirks.QuirkFile;
import dev.postern.quirks.QuirkFileReader;
import dev.postern.quirks.QuirkLint;
import dev.postern.quirks.QuirkRow;
import dev.postern.quirks.QuirkTable;
import dev.postern.quirks.decision.VectorLint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code postern quirks lint}: whether quirk files are as they should be, and the vectors of their rows true. */
@Command(
        name = "lint",
        description = "Checks quirk files, and runs the test vector of each row with and without it.",
        footer = {
            "",
            "Each complaint is a line FILE:LINE:COLUMN: MESSAGE on standard error, and the exit status is then 2."
        })
final class QuirksLintCommand implements Callable<Integer> {

    private final Streams streams;
    private final Map<String, String> environment;

    @Parameters(
            arity = "0..*",
            paramLabel = "FILE",
            description = "Quirk files, or folders of them. Without: the shipped files and those in POSTERN_QUIRKS.")
    private List<String> files = List.of();

    QuirksLintCommand(Streams streams, Map<String, String> environment) {
        this.streams = streams;
        this.environment = environment;
    }

    @Override
    public Integer call() {
        List<Complaint> complaints = new ArrayList<>();
        List<QuirkRow> rows = new ArrayList<>();
        String what;
        if (files.isEmpty()) {
            QuirkTable shipped = QuirkTable.shipped();
            complaints.addAll(QuirkLint.check(shipped.rows()));
            complaints.addAll(VectorLint.check(shipped.rows(), shipped));
            LocalQuirks local = LocalRows.in(environment);
            complaints.addAll(local.complaints());
            complaints.addAll(vectors(local));
            rows.addAll(shipped.rows());
            rows.addAll(local.rows());
            what = "shipped%s"
                    .formatted(
                            environment
                                            .getOrDefault(LocalQuirks.ENVIRONMENT, "")
                                            .isEmpty()
                                    ? ""
                                    : " and in " + LocalQuirks.ENVIRONMENT);
        } else {
            List<QuirkFile> read = new ArrayList<>();
            files.forEach(file -> read.addAll(read(file)));
            LocalQuirks given = LocalQuirks.from(read);
            complaints.addAll(given.complaints());
            complaints.addAll(vectors(given));
            rows.addAll(given.rows());
            what = "in %d file%s".formatted(read.size(), read.size() == 1 ? "" : "s");
        }
        complaints.forEach(streams.err()::println);
        if (!complaints.isEmpty()) {
            return ExitStatus.WRONG_CALL;
        }
        streams.out()
                .println("%d row%s %s, nothing to complain of"
                        .formatted(rows.size(), rows.size() == 1 ? "" : "s", what));
        return ExitStatus.DONE;
    }

    /** Runs the vectors beside the shipped rows, as they are used; a row that takes a shipped one's place may leave nothing else. */
    private static List<Complaint> vectors(LocalQuirks local) {
        Set<Place> own = new HashSet<>();
        local.rows().forEach(row -> own.add(row.where()));
        QuirkTable table = QuirkTable.shipped().overriddenBy(local);
        return VectorLint.check(
                table.rows().stream().filter(row -> own.contains(row.where())).toList(), table);
    }

    private static List<QuirkFile> read(String word) {
        Path path;
        try {
            path = Path.of(word);
        } catch (InvalidPathException e) {
            throw new WrongCallException("'%s' cannot be a file name: %s".formatted(word, e.getReason()));
        }
        if (!Files.isDirectory(path)) {
            return List.of(QuirkFileReader.read(path));
        }
        try (Stream<Path> all = Files.list(path)) {
            List<QuirkFile> found = all.filter(
                            file -> file.getFileName().toString().endsWith(".toml"))
                    .sorted()
                    .map(QuirkFileReader::read)
                    .toList();
            return found.isEmpty()
                    ? List.of(new QuirkFile(
                            word,
                            List.of(),
                            List.of(new Complaint(
                                    word, 1, 1, "is a folder without a file that ends in .toml: give quirk files"))))
                    : found;
        } catch (IOException e) {
            return List.of(new QuirkFile(
                    word,
                    List.of(),
                    List.of(new Complaint(word, 1, 1, "is a folder that cannot be read: give yourself permission"))));
        }
    }
}
