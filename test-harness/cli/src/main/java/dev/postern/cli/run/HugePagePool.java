package dev.postern.cli.run;

import dev.postern.os.HugePages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The system's huge pages of 2 MiB.
 *
 * @param all that there are, whoever has them
 * @param free that can be had now
 */
public record HugePagePool(long all, long free) {

    /** What a machine of the usual 128 MiB takes. */
    public static final long USUAL = 64;

    /** With those that were taken beyond what the system keeps, which the sysctl of the remedy does not count. */
    private static final Path ALL = Path.of("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages");

    /** As it is now; nothing where the system has no such pages. */
    static HugePagePool now() {
        long free = HugePages.available();
        try {
            // Others take and give some back between the two looks.
            return new HugePagePool(
                    Math.max(free, Long.parseLong(Files.readString(ALL).strip())), free);
        } catch (IOException | NumberFormatException e) {
            return new HugePagePool(free, free);
        }
    }

    /** The command that makes enough for a machine of the usual size, those in use left alone. */
    public String remedy() {
        return "echo %d > /proc/sys/vm/nr_hugepages (as root)".formatted(all - free + USUAL);
    }
}
