package dev.postern.attach;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The QEMU storage daemon that is installed here.
 *
 * @param program where it is
 * @param version its version as three numbers, such as 7.2.22
 */
public record StorageProbe(Path program, String version) {

    /** The Debian package that holds the program. */
    public static final String DEBIAN_PACKAGE = "qemu-system-common";

    static final InstalledProgram PROGRAM = new InstalledProgram(
            "qemu-storage-daemon",
            DEBIAN_PACKAGE,
            Pattern.compile("^qemu-storage-daemon version (\\d+(?:\\.\\d+){1,2})"));

    /**
     * Looks on PATH, and asks what is found there for its version.
     *
     * @return empty when there is none
     * @throws QemuUnavailableException when there is one that does not run or is something else
     */
    public static Optional<StorageProbe> look() {
        return PROGRAM.find(System.getenv("PATH"))
                .map(program -> new StorageProbe(program, PROGRAM.askVersion(program)));
    }
}
