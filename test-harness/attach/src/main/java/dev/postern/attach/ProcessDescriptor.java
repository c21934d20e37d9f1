package dev.postern.attach;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * An open file of a process, from {@code /proc/…/fd}.
 *
 * @param number the descriptor
 * @param name what the system calls it
 * @param device where the file is, as stat(2) says it
 * @param inode of the file there
 * @param mode type and permissions, as stat(2) says them
 */
public record ProcessDescriptor(int number, String name, long device, long inode, int mode) {

    private static final int TYPE = 0170000;
    private static final int REGULAR = 0100000;
    private static final int BLOCK_DEVICE = 0060000;
    private static final int PIPE = 0010000;
    private static final int SOCKET = 0140000;

    /** All of this JVM. */
    static List<ProcessDescriptor> ours() throws IOException {
        return read(Path.of("/proc/self/fd"));
    }

    /** All of another process. */
    static List<ProcessDescriptor> of(long pid) throws IOException {
        return read(Path.of("/proc/" + pid + "/fd"));
    }

    private static List<ProcessDescriptor> read(Path folder) throws IOException {
        List<ProcessDescriptor> all = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                try {
                    Map<String, Object> found = Files.readAttributes(entry, "unix:dev,ino,mode");
                    all.add(new ProcessDescriptor(
                            Integer.parseInt(entry.getFileName().toString()),
                            Files.readSymbolicLink(entry).toString(),
                            (long) found.get("dev"),
                            (long) found.get("ino"),
                            (int) found.get("mode")));
                } catch (NoSuchFileException e) {
                    // Closed while we looked, such as the listing itself.
                }
            }
        }
        return List.copyOf(all);
    }

    /** Whether bytes of it can be mapped: a file, one without a name among them, or a disk. */
    public boolean mappable() {
        int type = mode & TYPE;
        return type == REGULAR || type == BLOCK_DEVICE;
    }

    /** Whether it passes bytes on that somebody else writes: a pipe or a socket. */
    public boolean stream() {
        int type = mode & TYPE;
        return type == PIPE || type == SOCKET;
    }

    /** Whether both are the same open file, or two openings of it. */
    boolean sameFile(ProcessDescriptor other) {
        return device == other.device && inode == other.inode;
    }
}
