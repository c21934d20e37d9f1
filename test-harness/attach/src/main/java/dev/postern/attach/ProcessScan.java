package dev.postern.attach;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * What a search through all memory of a process found ({@code /proc/…/mem}, proc_pid_mem(5)): the strongest evidence that
 * bytes are, or are not, in another process.
 *
 * <p>Its limits: the process runs on while it is read, so bytes that move may be missed; bytes in a file or socket that
 * the process has not read are not its memory; and what is not readable ({@link #bytesUnread()}) was not searched, which
 * is the vvar pages of the kernel and mappings beyond the end of their file. A needle that lies across two mappings is not
 * found.
 *
 * @param matches every occurrence, ascending by address
 * @param bytesRead how much was searched
 * @param bytesUnread how much the process may read and the system did not show
 */
public record ProcessScan(List<Match> matches, long bytesRead, long bytesUnread) {

    /**
     * An occurrence.
     *
     * @param mapping the file or purpose of the mapping it is in
     * @param address in the process
     * @param offset in the mapping's file, or from the start of a mapping without one
     */
    public record Match(String mapping, long address, long offset) {}

    /** Copies the list. */
    public ProcessScan {
        matches = List.copyOf(matches);
    }

    /**
     * Searches all readable mappings.
     *
     * @param needle at least 8 bytes
     * @throws IOException when the process has gone, or the system does not let us; the message says what to do
     */
    static ProcessScan of(long pid, byte[] needle) throws IOException {
        NeedleSearch search = new NeedleSearch(needle);
        List<Match> matches = new ArrayList<>();
        long read = 0;
        long unread = 0;
        try (FileChannel memory = FileChannel.open(Path.of("/proc/" + pid + "/mem"), StandardOpenOption.READ)) {
            for (ProcessMapping mapping : ProcessMapping.of(pid)) {
                // The kernel's own page at the top of the address space is beyond what a position can say.
                if (mapping.readable() && mapping.start() >= 0) {
                    Reading reading = new Reading(memory);
                    for (long address : search.in(mapping.start(), mapping.end(), reading)) {
                        matches.add(
                                new Match(mapping.described(), address, mapping.offset() + address - mapping.start()));
                    }
                    read += reading.bytes;
                    unread += mapping.size() - reading.bytes;
                }
            }
        } catch (AccessDeniedException e) {
            throw new IOException("no permission to read the memory of process %d: run as root".formatted(pid), e);
        }
        return new ProcessScan(matches, read, unread);
    }

    /** Reads a mapping from its start, and stops at the first byte that is not there. */
    private static final class Reading implements NeedleSearch.Reader {

        private final FileChannel memory;
        private long bytes;

        private Reading(FileChannel memory) {
            this.memory = memory;
        }

        @Override
        public int read(long at, byte[] into, int offset, int length) {
            try {
                int read = memory.read(ByteBuffer.wrap(into, offset, length), at);
                bytes += Math.max(0, read);
                return read;
            } catch (IOException e) {
                // The system answers EIO where there is no page; it is counted as unread.
                return 0;
            }
        }
    }
}
