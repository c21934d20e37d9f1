package dev.postern.attach;

import java.nio.file.Path;
import java.util.List;

/**
 * Keeps two storage daemons from one image, unless both only read it. They would not do so themselves: an export allows others to write
 * (only a virtual machine's disk does not). The lock is of the whole file (flock(2)), apart from those that QEMU takes, and is held by the
 * daemon's own process through a descriptor it does not know of: it goes when the process goes.
 */
final class ImageLock {

    /** The status with which a process ends that did not get the lock. */
    static final int HELD_BY_ANOTHER = 75;

    /** The file is opened by the shell, for flock(1) would make one that is not there. */
    private static final String SCRIPT = """
        exec 9<"$1" && flock -n -E %d "$2" 9 || exit
        shift 2
        exec "$@"
        """.formatted(HELD_BY_ANOTHER);

    private ImageLock() {}

    /** The words before a program's own, so that it holds the lock. */
    static List<String> words(Path image, DiskAccess access) {
        String kind = access == DiskAccess.READ_WRITE ? "-x" : "-s";
        return List.of("/bin/sh", "-c", SCRIPT, "sh", image.toAbsolutePath().toString(), kind);
    }
}
