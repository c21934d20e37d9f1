package dev.postern.cli.record;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folder that has {@code sys} and {@code proc} of a Linux in it: the root of this one, or a copy of another's. What cannot be read
 * counts as not there: a kernel shows a user less than it shows root.
 *
 * @param root the folder
 */
public record SystemTree(Path root) {

    /** No file that is read here is longer; in bytes. */
    private static final int LONGEST = 1 << 20;

    /** Whether it is of a Linux at all. */
    public boolean exists() {
        return Files.isDirectory(root.resolve("sys")) && Files.isDirectory(root.resolve("proc"));
    }

    /** A place by its absolute path on the machine, such as {@code /sys/hypervisor/type}. */
    Path at(String path) {
        return root.resolve(path.substring(1));
    }

    /** The path on the machine of a place in the tree. */
    String named(Path place) {
        Path base = root;
        try {
            base = root.toRealPath();
        } catch (IOException e) {
            // The place was found below the root as it is.
            base = root;
        }
        Path inside = place.startsWith(base) ? base.relativize(place) : place;
        return inside.isAbsolute() ? inside.toString() : "/" + inside;
    }

    /** What a file says, without blanks and zero bytes at its ends; empty when it cannot be read. */
    Optional<String> text(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            String text = new String(in.readNBytes(LONGEST), StandardCharsets.UTF_8);
            return Optional.of(text.replaceAll("\\x00+$", "").strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** What a file says, by its path on the machine. */
    Optional<String> text(String path) {
        return text(at(path));
    }

    /** What a folder holds, in the order of names; nothing when it cannot be read. */
    List<Path> list(Path folder) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.sorted().toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    /** Where a link leads, through all links; empty when it leads nowhere. */
    Optional<Path> target(Path link) {
        try {
            return Optional.of(link.toRealPath());
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
