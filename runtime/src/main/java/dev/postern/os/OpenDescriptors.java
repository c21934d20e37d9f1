package dev.postern.os;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The open files, sockets and the like of this process, from {@code /proc/self/fd} (proc_pid_fd(5)). Safe from any thread. */
public final class OpenDescriptors {

    private static final Path FOLDER = Path.of("/proc/self/fd");

    private OpenDescriptors() {}

    /**
     * How many there are, without the one that counting takes. Other threads, and the JVM when it loads classes, open and close some at any
     * time.
     *
     * @throws IOException when the system does not say
     */
    public static int count() throws IOException {
        return names().size();
    }

    /**
     * What each of them is, such as {@code 5 socket:[1234]}, in no order.
     *
     * @throws IOException when the system does not say
     */
    public static List<String> names() throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(FOLDER)) {
            for (Path entry : entries) {
                try {
                    Path target = Files.readSymbolicLink(entry);
                    if (!target.startsWith("/proc") || !target.endsWith("fd")) {
                        names.add(entry.getFileName() + " " + target);
                    }
                } catch (NoSuchFileException e) {
                    // Closed while we looked.
                }
            }
        }
        return names;
    }

    /** Closes a descriptor that was received, and does nothing when it is not open. Never throws. */
    public static void close(int descriptor) {
        try {
            LibC.close(descriptor);
        } catch (LastErrorException e) {
            // It is closed in any case (close(2)); what was lost was not ours to keep.
        }
    }

    /** Closes some. Never throws. */
    static void closeAll(Iterable<Integer> descriptors) {
        descriptors.forEach(OpenDescriptors::close);
    }
}
