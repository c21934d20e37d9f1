package dev.postern.cli;

import dev.postern.cli.report.DoctorDocument;
import dev.postern.cli.report.DoctorLog;
import dev.postern.cli.report.Palette;
import dev.postern.cli.run.Checkup;
import dev.postern.cli.run.Doctor;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code postern doctor}: what works here, and how to get the rest. */
@Command(name = "doctor", description = "Shows which machines work here, and how to get the others.")
final class DoctorCommand implements Callable<Integer> {

    private final Streams streams;

    @Option(names = "--json", description = "One JSON document on standard output.")
    private boolean json;

    DoctorCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() {
        Checkup checkup = Doctor.examine();
        if (json) {
            streams.out().println(DoctorDocument.of(checkup));
        } else {
            Palette palette = streams.terminal().colourOutput() ? Palette.COLOUR : Palette.PLAIN;
            new DoctorLog(streams.out(), palette).print(checkup);
        }
        return checkup.works() ? ExitStatus.DONE : ExitStatus.FAILED;
    }
}
