package dev.postern.lab.backend;

import dev.postern.os.MemoryFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Memory in which a back-end notes which requests it has, so that the next one goes on with them (vhost-user, Inflight I/O tracking).
 * Split rings are noted; for packed ones there is room and nothing is written. Used by one thread.
 */
final class InflightArea {

    private static final int HEADER = 16;
    private static final int ENTRY = 16;
    private static final int VERSION = 8;
    private static final int ENTRIES = 10;
    private static final int COUNTER = 8;
    private static final int PAGE = 4096;

    private final MemoryFile file;
    private final int queueSize;
    private final long stride;
    private long counter;

    private InflightArea(MemoryFile file, int queueSize) {
        this.file = file;
        this.queueSize = queueSize;
        stride = stride(queueSize);
    }

    private static long stride(int queueSize) {
        // As long as the larger of both kinds, packed: 40 and 32 bytes.
        return 64 + 32L * queueSize & -64;
    }

    /** How many bytes it takes. */
    static long bytes(int queues, int queueSize) {
        return queues * stride(queueSize) + PAGE - 1 & -PAGE;
    }

    /** A new one, in a file of its own. */
    static MemoryFile create(int queues, int queueSize) throws IOException {
        return MemoryFile.create("postern-inflight", bytes(queues, queueSize));
    }

    /** One that the front-end has given. */
    static InflightArea over(MemoryFile file, int queueSize) {
        return new InflightArea(file, queueSize);
    }

    private MemorySegment region(int queue) {
        return file.segment().asSlice(queue * stride, stride);
    }

    /** Requests of a ring that were noted and never given back, in the order in which they came; the notes are taken for ours from here on. */
    List<Integer> begin(int queue) {
        MemorySegment region = region(queue);
        List<Integer> left = new ArrayList<>();
        if (region.get(ValueLayout.JAVA_SHORT, VERSION) == 1) {
            for (int head = 0; head < queueSize; head++) {
                if (region.get(ValueLayout.JAVA_BYTE, HEADER + (long) ENTRY * head) == 1) {
                    left.add(head);
                    counter = Math.max(counter, counterOf(region, head) + 1);
                }
            }
            left.sort(Comparator.comparingLong(head -> counterOf(region, head)));
        }
        region.set(ValueLayout.JAVA_SHORT, VERSION, (short) 1);
        region.set(ValueLayout.JAVA_SHORT, ENTRIES, (short) queueSize);
        return left;
    }

    private static long counterOf(MemorySegment region, int head) {
        return region.get(ValueLayout.JAVA_LONG, HEADER + (long) ENTRY * head + COUNTER);
    }

    void taken(int queue, int head) {
        MemorySegment region = region(queue);
        long entry = HEADER + (long) ENTRY * head;
        region.set(ValueLayout.JAVA_LONG, entry + COUNTER, counter++);
        region.set(ValueLayout.JAVA_BYTE, entry, (byte) 1);
    }

    void used(int queue, int head) {
        region(queue).set(ValueLayout.JAVA_BYTE, HEADER + (long) ENTRY * head, (byte) 0);
    }

    void close() {
        file.close();
    }
}
