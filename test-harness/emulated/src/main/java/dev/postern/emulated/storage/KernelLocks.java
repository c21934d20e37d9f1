package dev.postern.emulated.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * The kernel's list of file locks (proc(5), /proc/locks): the only way to see a lock without being able to conflict with
 * it. Where there is no such list, nobody is seen.
 */
final class KernelLocks {

    private static final Path LIST = Path.of("/proc/locks");

    private KernelLocks() {}

    /** Whether another process holds a lock that covers any of the bytes. */
    static boolean othersHold(Path file, Set<Integer> bytes) throws IOException {
        if (!Files.isReadable(LIST)) {
            return false;
        }
        String inode = Files.getAttribute(file, "unix:ino").toString();
        String self = Long.toString(ProcessHandle.current().pid());
        return held(Files.readAllLines(LIST), inode, self, bytes);
    }

    /**
     * Looks through the lines, such as {@code 1: OFDLCK ADVISORY READ -1 fe:00:2146357 100 101}. The device number is
     * not compared: what stat says and what the kernel lists differ on some file systems, and a lock on just these bytes
     * of another file with the same inode number is not to be expected.
     */
    static boolean held(List<String> lines, String inode, String self, Set<Integer> bytes) {
        for (String line : lines) {
            String[] words = line.trim().split("\\s+");
            // A line with an arrow is a process that waits for a lock, not one that holds it.
            if (words.length != 8 || words[1].equals("->") || words[4].equals(self)) {
                continue;
            }
            if (words[5].endsWith(":" + inode) && covers(words[6], words[7], bytes)) {
                return true;
            }
        }
        return false;
    }

    private static boolean covers(String first, String last, Set<Integer> bytes) {
        long from = Long.parseLong(first);
        long to = last.equals("EOF") ? Long.MAX_VALUE : Long.parseLong(last);
        return bytes.stream().anyMatch(at -> at >= from && at <= to);
    }
}
