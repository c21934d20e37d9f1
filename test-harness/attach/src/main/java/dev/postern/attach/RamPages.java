package dev.postern.attach;

import dev.postern.os.HugePages;
import dev.postern.os.MemoryFile;
import java.io.IOException;

/**
 * A file for RAM, in huge pages when enough are free: a device that reaches much memory then misses its translations more rarely.
 *
 * @param file the caller's to close
 * @param sentence which pages they are and why, for the log
 */
record RamPages(MemoryFile file, String sentence) {

    /**
     * Takes the best pages that there are.
     *
     * @param bytes whole MiB
     */
    static RamPages take(String name, long bytes) throws IOException {
        long needed = bytes / HugePages.BYTES;
        String why;
        if (bytes % HugePages.BYTES != 0) {
            why = "%d MiB is no multiple of 2 MiB (make it one)".formatted(bytes / RamLayout.MIB);
        } else if (HugePages.available() < needed) {
            why = "%d huge pages are free and %d are needed (echo %d > /proc/sys/vm/nr_hugepages as root)"
                    .formatted(HugePages.available(), needed, needed);
        } else {
            try {
                MemoryFile huge = MemoryFile.createHuge(name, bytes);
                return new RamPages(huge, "huge pages of 2 MiB");
            } catch (IOException e) {
                // Somebody else was faster, or may not be outdone (cgroups).
                why = e.getMessage();
            }
        }
        return new RamPages(MemoryFile.create(name, bytes), "pages of 4 KiB: " + why);
    }
}
