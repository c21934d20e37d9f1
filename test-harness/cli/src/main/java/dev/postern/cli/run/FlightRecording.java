package dev.postern.cli.run;

import dev.postern.cli.WrongCallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jdk.jfr.Recording;

/**
 * A flight recording of a run: every burst, kick, interrupt, violation, map, unmap and bounce. Contexts take part that are opened while it
 * runs, so it starts before the guest does.
 */
public final class FlightRecording implements AutoCloseable {

    private final Path file;
    private final Recording recording;

    private FlightRecording(Path file, Recording recording) {
        this.file = file;
        this.recording = recording;
    }

    /**
     * Starts one.
     *
     * @param file is written when it ends; whatever it holds is gone from now on
     * @throws WrongCallException when the file cannot be written
     */
    public static FlightRecording start(Path file) {
        try {
            Files.newOutputStream(file).close();
        } catch (IOException e) {
            throw new WrongCallException("--record %s: it cannot be written (%s): give a file in a folder of yours"
                    .formatted(file, e.getClass().getSimpleName()));
        }
        // Without settings it has what is on by default: our events, and none of the JVM's.
        Recording recording = new Recording();
        recording.start();
        return new FlightRecording(file, recording);
    }

    /** Where it is, and how to look at it, in one sentence. */
    public String howToLook() {
        return "%s: jfr summary %s, jfr print --events 'dev.postern.*' %s".formatted(file, file, file);
    }

    /**
     * Ends it and writes the file.
     *
     * @throws IOException when it cannot be written
     */
    @Override
    public void close() throws IOException {
        try (recording) {
            recording.stop();
            recording.dump(file);
        }
    }
}
