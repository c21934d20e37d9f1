package dev.postern.attach;

import dev.postern.os.ChildProcess;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
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

    static final String PROGRAM = "qemu-system-x86_64";

    private static final Pattern VERSION = Pattern.compile("^QEMU emulator version (\\d+(?:\\.\\d+){1,2})");

    /**
     * Looks on PATH, and asks what is found there for its version.
     *
     * @return empty when there is none
     * @throws QemuUnavailableException when there is one that does not run or is something else
     */
    public static Optional<QemuProbe> look() {
        return find(System.getenv("PATH")).map(program -> new QemuProbe(program, askVersion(program)));
    }

    /**
     * The program to start.
     *
     * @throws QemuUnavailableException when there is none
     */
    static Path require() {
        return find(System.getenv("PATH"))
                .orElseThrow(() -> new QemuUnavailableException(
                        "no %s on PATH: install the Debian package %s".formatted(PROGRAM, DEBIAN_PACKAGE), null));
    }

    /**
     * The first executable file of the right name.
     *
     * @param searchPath folders, separated as in PATH; null is none
     */
    static Optional<Path> find(String searchPath) {
        if (searchPath == null) {
            return Optional.empty();
        }
        for (String folder : searchPath.split(File.pathSeparator)) {
            // An empty entry means the current folder to a shell; a program found there by accident is not wanted.
            if (!folder.isEmpty()) {
                try {
                    Path program = Path.of(folder, PROGRAM).toAbsolutePath();
                    if (Files.isRegularFile(program) && Files.isExecutable(program)) {
                        return Optional.of(program);
                    }
                } catch (InvalidPathException e) {
                    // What cannot be a folder holds no program.
                }
            }
        }
        return Optional.empty();
    }

    static String askVersion(Path program) {
        try (ChildProcess asked = ChildProcess.start(List.of(program.toString(), "--version"))) {
            boolean ended = asked.awaitExit(Duration.ofSeconds(20));
            return parseVersion(ended ? asked.lastLines() : List.of())
                    .orElseThrow(() -> new QemuUnavailableException(
                            "%s does not tell its version (%s): reinstall the Debian package %s"
                                    .formatted(program, asked.describe(), DEBIAN_PACKAGE),
                            null));
        } catch (IOException e) {
            throw new QemuUnavailableException("cannot run %s: %s".formatted(program, e.getMessage()), e);
        }
    }

    /** The version in the words of {@code qemu-system-x86_64 --version}. */
    static Optional<String> parseVersion(List<String> lines) {
        return lines.stream()
                .map(VERSION::matcher)
                .filter(Matcher::find)
                .map(found -> found.group(1))
                .findFirst();
    }
}
