package dev.postern.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The system's pool of pages of 2 MiB (Linux, Documentation/admin-guide/mm/hugetlbpage.rst). */
public final class HugePages {

    /** Size of one, in bytes. */
    public static final long BYTES = 2 << 20;

    private static final Path POOL = Path.of("/sys/kernel/mm/hugepages/hugepages-2048kB");

    private HugePages() {}

    /** How many can be had now: free, and not promised to somebody; 0 where the system has no such pool. */
    public static long available() {
        try {
            return Math.max(0, read("free_hugepages") - read("resv_hugepages"));
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }

    private static long read(String name) throws IOException {
        return Long.parseLong(Files.readString(POOL.resolve(name)).strip());
    }
}
