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
 * A program that a machine needs, as PATH may have it.
 *
 * @param name of its file
 * @param debianPackage that holds it
 * @param version finds its version, as the first group, in what it says to {@code --version}
 */
record InstalledProgram(String name, String debianPackage, Pattern version) {

    /**
     * The program to start.
     *
     * @throws QemuUnavailableException when there is none
     */
    Path require() {
        return find(System.getenv("PATH"))
                .orElseThrow(() -> new QemuUnavailableException(
                        "no %s on PATH: install the Debian package %s".formatted(name, debianPackage), null));
    }

    /**
     * The first executable file of the right name.
     *
     * @param searchPath folders, separated as in PATH; null is none
     */
    Optional<Path> find(String searchPath) {
        if (searchPath == null) {
            return Optional.empty();
        }
        for (String folder : searchPath.split(File.pathSeparator)) {
            // An empty entry means the current folder to a shell; a program found there by accident is not wanted.
            if (!folder.isEmpty()) {
                try {
                    Path program = Path.of(folder, name).toAbsolutePath();
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

    /**
     * Asks a program for its version.
     *
     * @throws QemuUnavailableException when it does not run or is something else
     */
    String askVersion(Path program) {
        try (ChildProcess asked = ChildProcess.start(List.of(program.toString(), "--version"))) {
            boolean ended = asked.awaitExit(Duration.ofSeconds(20));
            return parseVersion(ended ? asked.lastLines() : List.of())
                    .orElseThrow(() -> new QemuUnavailableException(
                            "%s does not tell its version (%s): reinstall the Debian package %s"
                                    .formatted(program, asked.describe(), debianPackage),
                            null));
        } catch (IOException e) {
            throw new QemuUnavailableException("cannot run %s: %s".formatted(program, e.getMessage()), e);
        }
    }

    /** The version in the program's own words. */
    Optional<String> parseVersion(List<String> lines) {
        return lines.stream()
                .map(version::matcher)
                .filter(Matcher::find)
                .map(found -> found.group(1))
                .findFirst();
    }
}
