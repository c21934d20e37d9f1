package dev.postern.attach;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The QEMU for x86-64 that is installed here.
 *
 * @param program where it is
 * @param version its version as three numbers, such as 7.2.22
 */
public record QemuProbe(Path program, String version) {

    /** The Debian package that holds the program. */
    public static final String DEBIAN_PACKAGE = "qemu-system-x86";

    static final InstalledProgram PROGRAM = new InstalledProgram(
            "qemu-system-x86_64", DEBIAN_PACKAGE, Pattern.compile("^QEMU emulator version (\\d+(?:\\.\\d+){1,2})"));

    /**
     * Looks on PATH, and asks what is found there for its version.
     *
     * @return empty when there is none
     * @throws QemuUnavailableException when there is one that does not run or is something else
     */
    public static Optional<QemuProbe> look() {
        return PROGRAM.find(System.getenv("PATH")).map(program -> new QemuProbe(program, PROGRAM.askVersion(program)));
    }
}
