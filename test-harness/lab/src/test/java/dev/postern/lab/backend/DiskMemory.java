package dev.postern.lab.backend;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The medium behind a back-end: it survives every connection, and remembers in which order it was changed and which changes were
 * answered. Safe from any thread.
 */
public final class DiskMemory {

    /** Bytes of a sector. */
    public static final int SECTOR = 512;

    /** What happened to the medium, in order. */
    public sealed interface Event {

        /** Over which connection. */
        int connection();

        /** The first sector. */
        long sector();

        /** How many of them. */
        long sectors();

        /**
         * The medium was changed.
         *
         * @param stamp the first eight bytes that were written, little-endian; 0 for zeros
         */
        record Changed(int connection, long sector, long sectors, long stamp) implements Event {}

        /** The driver was told that a change is done. */
        record Answered(int connection, long sector, long sectors, long stamp) implements Event {}
    }

    private final byte[] bytes;
    private final List<Event> events = new ArrayList<>();
    private long reads;
    private long flushes;

    /** A medium with this content, whole sectors. */
    public DiskMemory(byte[] content) {
        if (content.length % SECTOR != 0 || content.length == 0) {
            throw new IllegalArgumentException(content.length + " bytes: give whole sectors of 512");
        }
        bytes = content.clone();
    }

    /** Its size. */
    public long sectors() {
        return bytes.length / SECTOR;
    }

    /** What is on it now. */
    public synchronized byte[] content() {
        return bytes.clone();
    }

    /** What has happened to it so far. */
    public synchronized List<Event> events() {
        return List.copyOf(events);
    }

    /**
     * Waits until something has happened to it.
     *
     * @return false when nothing has within the limit
     */
    public synchronized boolean awaitEvents(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (events.isEmpty()) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return true;
    }

    /** How many reads it has served. */
    public synchronized long reads() {
        return reads;
    }

    /** How many flushes it has served. */
    public synchronized long flushes() {
        return flushes;
    }

    boolean has(long sector, long count) {
        return sector >= 0 && count >= 0 && count <= sectors() && sector <= sectors() - count;
    }

    synchronized MemorySegment read(long sector, long count) {
        reads++;
        MemorySegment copy = MemorySegment.ofArray(new byte[Math.toIntExact(count * SECTOR)]);
        MemorySegment.copy(MemorySegment.ofArray(bytes), sector * SECTOR, copy, 0, copy.byteSize());
        return copy;
    }

    synchronized Event.Answered write(int connection, long sector, MemorySegment data) {
        MemorySegment.copy(data, 0, MemorySegment.ofArray(bytes), sector * SECTOR, data.byteSize());
        long stamp = data.byteSize() == 0 ? 0 : data.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
        return changed(connection, sector, data.byteSize() / SECTOR, stamp);
    }

    synchronized Event.Answered zero(int connection, long sector, long count) {
        MemorySegment.ofArray(bytes).asSlice(sector * SECTOR, count * SECTOR).fill((byte) 0);
        return changed(connection, sector, count, 0);
    }

    private Event.Answered changed(int connection, long sector, long count, long stamp) {
        events.add(new Event.Changed(connection, sector, count, stamp));
        notifyAll();
        return new Event.Answered(connection, sector, count, stamp);
    }

    synchronized void answered(Event.Answered answer) {
        events.add(answer);
    }

    synchronized void flush() {
        flushes++;
    }

    /**
     * Changes that came after a later one over the same sectors had been answered, one line each: what was sent again and should not
     * have been. Stamps must ascend in the order in which the driver was asked.
     */
    public synchronized List<String> oldChangesAfterAnswers() {
        long[] answered = new long[Math.toIntExact(sectors())];
        List<String> wrong = new ArrayList<>();
        for (Event event : events) {
            switch (event) {
                case Event.Changed change -> {
                    for (long at = change.sector(); at < change.sector() + change.sectors(); at++) {
                        if (change.stamp() < answered[(int) at]) {
                            wrong.add("sector %d got %d after %d was answered (connection %d)"
                                    .formatted(at, change.stamp(), answered[(int) at], change.connection()));
                        }
                    }
                }
                case Event.Answered answer -> {
                    for (long at = answer.sector(); at < answer.sector() + answer.sectors(); at++) {
                        answered[(int) at] = Math.max(answered[(int) at], answer.stamp());
                    }
                }
            }
        }
        return wrong;
    }
}
