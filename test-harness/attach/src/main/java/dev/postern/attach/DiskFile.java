package dev.postern.attach;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Looks whether a file can be behind a disk, so that a program of QEMU's needs not be started to be told that it cannot. */
final class DiskFile {

    private static final int SECTOR = 512;

    private DiskFile() {}

    /** What is wrong with a raw image, with the remedy; empty when nothing is. */
    static Optional<String> complaintOfRaw(Path file, DiskAccess access) {
        return complaint(file, access).or(() -> complaintOfSize(file));
    }

    /** What is wrong with a file, whatever its format, with the remedy; empty when nothing is. */
    static Optional<String> complaint(Path file, DiskAccess access) {
        if (!Files.exists(file)) {
            return Optional.of("there is no such file: create it, for example with truncate -s 64M");
        }
        if (!Files.isRegularFile(file)) {
            return Optional.of("not a regular file: give a raw disk image");
        }
        if (!Files.isReadable(file)) {
            return Optional.of("no permission to read it: change its mode or owner");
        }
        if (access == DiskAccess.READ_WRITE && !Files.isWritable(file)) {
            return Optional.of("no permission to write it: change its mode, or open it read-only");
        }
        return Optional.empty();
    }

    private static Optional<String> complaintOfSize(Path file) {
        try {
            long size = Files.size(file);
            return size > 0 && size % SECTOR == 0
                    ? Optional.empty()
                    : Optional.of("its size is %d bytes: make it a positive multiple of 512".formatted(size));
        } catch (IOException e) {
            return Optional.of("cannot be examined (" + e.getMessage() + "): give a raw disk image");
        }
    }
}
