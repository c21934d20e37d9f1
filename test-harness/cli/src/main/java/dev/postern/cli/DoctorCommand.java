package dev.postern.cli;

import dev.postern.cli.record.MachineRecord;
import dev.postern.cli.record.SystemTree;
import dev.postern.cli.report.DoctorDocument;
import dev.postern.cli.report.DoctorLog;
import dev.postern.cli.report.Palette;
import dev.postern.cli.run.Checkup;
import dev.postern.cli.run.Doctor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code postern doctor}: what works here, and how to get the rest; or what machine this is, as facts. */
@Command(
        name = "doctor",
        description = "Shows which machines work here, and how to get the others.",
        sortOptions = false,
        footer = {
            "",
            "  postern doctor",
            "  postern doctor --record machine.toml      then: postern explain --facts machine.toml --device virtio0"
        })
final class DoctorCommand implements Callable<Integer> {

    private final Streams streams;

    @Option(
            names = "--record",
            paramLabel = "FILE",
            description =
                    "Writes the facts of this Linux and of its virtio devices instead, for postern explain --facts.")
    private String record;

    @Option(
            names = "--root",
            paramLabel = "FOLDER",
            description = "With --record: the folder that has the sys and proc of the machine; / unless said.")
    private String root;

    @Option(names = "--json", description = "One JSON document on standard output.")
    private boolean json;

    DoctorCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() {
        if (record != null) {
            return new Answer(streams, DoctorDocument.SCHEMA, json ? Answer.Form.JSON : Answer.Form.TEXT)
                    .of(this::record);
        }
        if (root != null) {
            throw new WrongCallException("--root is where --record looks: add --record FILE, or leave it out");
        }
        Checkup checkup = Doctor.examine();
        if (json) {
            streams.out().println(DoctorDocument.of(checkup));
        } else {
            new DoctorLog(streams.out(), palette()).print(checkup);
        }
        return checkup.works() ? ExitStatus.DONE : ExitStatus.FAILED;
    }

    private Palette palette() {
        return streams.terminal().colourOutput() ? Palette.COLOUR : Palette.PLAIN;
    }

    private int record() {
        SystemTree tree = new SystemTree(path(root == null ? "/" : root));
        if (!tree.exists()) {
            throw new WrongCallException(
                    "%s has no sys and proc: recording needs a Linux, or --root with a copy of one's"
                            .formatted(tree.root()));
        }
        MachineRecord found = MachineRecord.of(tree);
        write(path(record), found.toml());
        if (json) {
            streams.out().println(DoctorDocument.of(record, found));
        } else {
            new DoctorLog(streams.out(), palette()).print(record, found);
        }
        return ExitStatus.DONE;
    }

    /** Writes a new file, or one of ours anew; any other file stays. */
    private static void write(Path file, String text) {
        try {
            if (Files.exists(file) && !isRecord(file)) {
                throw new WrongCallException(
                        "%s is there and is no record: name another file, or remove it".formatted(file));
            }
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new WrongCallException("%s cannot be written (%s): name a file in a folder that you may write to"
                    .formatted(file, e.getClass().getSimpleName()));
        }
    }

    private static boolean isRecord(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (Stream<String> lines = Files.lines(file)) {
            return lines.findFirst().filter(MachineRecord.FIRST_LINE::equals).isPresent();
        } catch (java.io.UncheckedIOException e) {
            // It is not even text.
            return false;
        }
    }

    private static Path path(String word) {
        try {
            return Path.of(word);
        } catch (InvalidPathException e) {
            throw new WrongCallException("'%s' cannot be a file name: %s".formatted(word, e.getReason()));
        }
    }
}
