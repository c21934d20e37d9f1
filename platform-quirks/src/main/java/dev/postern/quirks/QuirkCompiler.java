package dev.postern.quirks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The build step that turns the shipped TOML files into the resources that are read at run time. */
public final class QuirkCompiler {

    /** The folder of what is not rows. */
    private static final String DECISION = "decision";

    private QuirkCompiler() {}

    /**
     * Compiles a folder of TOML files of rows, and the presets and rule vectors in the folder {@code decision} below it, into resources
     * beside them. A complaint about any of them fails the build.
     *
     * @param args the folder
     * @throws IOException when the folder cannot be read or written
     */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        List<QuirkFile> files = shippedIn(folder);
        PresetFile presets = presetsIn(folder);
        RuleVectorFile vectors = vectorsIn(folder);
        List<Complaint> complaints = complaints(files);
        complaints.addAll(presets.complaints());
        complaints.addAll(vectors.complaints());
        if (!complaints.isEmpty()) {
            complaints.forEach(System.err::println);
            System.exit(1);
        }
        List<QuirkRow> rows =
                files.stream().flatMap(file -> file.rows().stream()).toList();
        Files.writeString(folder.resolve(CompiledRows.RESOURCE), CompiledRows.write(rows));
        Files.writeString(
                folder.resolve(CompiledFacts.PRESETS),
                CompiledFacts.writePresets(new PresetTable(presets.presets()).presets()));
        Files.writeString(folder.resolve(CompiledFacts.VECTORS), CompiledFacts.writeVectors(vectors.vectors()));
    }

    static PresetFile presetsIn(Path folder) throws IOException {
        Path file = folder.resolve(DECISION).resolve("presets.toml");
        return PresetFile.read(file.getFileName().toString(), Files.readAllBytes(file));
    }

    static RuleVectorFile vectorsIn(Path folder) throws IOException {
        Path file = folder.resolve(DECISION).resolve("rules.toml");
        return RuleVectorFile.read(file.getFileName().toString(), Files.readAllBytes(file));
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
