package dev.postern.quirks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The build step that turns the shipped TOML files into the resource that is read at run time. */
public final class QuirkCompiler {

    private QuirkCompiler() {}

    /**
     * Compiles a folder of TOML files into the resource beside them. A complaint about any row fails the build.
     *
     * @param args the folder
     * @throws IOException when the folder cannot be read or written
     */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        List<QuirkFile> files = shippedIn(folder);
        List<Complaint> complaints = complaints(files);
        if (!complaints.isEmpty()) {
            complaints.forEach(System.err::println);
            System.exit(1);
        }
        List<QuirkRow> rows =
                files.stream().flatMap(file -> file.rows().stream()).toList();
        Files.writeString(folder.resolve(CompiledRows.RESOURCE), CompiledRows.write(rows));
    }

    /** The TOML files of a folder in order, named without it. */
    static List<QuirkFile> shippedIn(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            List<QuirkFile> files = new ArrayList<>();
            for (Path path :
                    all.filter(p -> p.toString().endsWith(".toml")).sorted().toList()) {
                files.add(QuirkFileReader.read(path.getFileName().toString(), Files.readAllBytes(path)));
            }
            return files;
        }
    }

    /** Everything that is wrong with files, each by itself and together. */
    static List<Complaint> complaints(List<QuirkFile> files) {
        List<Complaint> complaints = new ArrayList<>();
        files.forEach(file -> complaints.addAll(file.complaints()));
        complaints.addAll(QuirkLint.check(
                files.stream().flatMap(file -> file.rows().stream()).toList()));
        return complaints;
    }
}
