package dev.postern.dma.backend;

import dev.postern.memory.FrameAllocator;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;

/**
 * Poisoned frames that a device had, kept for a while before they are free again, so that a late write hits no one else
 * and is noticed. The caller holds the lock of the context.
 */
final class PoisonedFrames {

    private static final int MOST_RUNS = 32;

    /** At most this part of RAM is kept. */
    private static final int SHARE_OF_RAM = 16;

    private record Entry(GuardedRun place, String what) {}

    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private final FrameAllocator frames;
    private final PoisonPattern pattern;
    private final List<String> trespasses;
    private final long mostBytes;
    private long bytes;

    /**
     * An empty one.
     *
     * @param trespasses where late writes are noted
     */
    PoisonedFrames(FrameAllocator frames, PoisonPattern pattern, List<String> trespasses) {
        this.frames = frames;
        this.pattern = pattern;
        this.trespasses = trespasses;
        this.mostBytes = frames.memory().size() / SHARE_OF_RAM;
    }

    /** Poisons a run and keeps it; the oldest ones are let go. */
    void add(GuardedRun place, String what) {
        place.poison(frames.memory(), pattern);
        entries.addLast(new Entry(place, what));
        bytes += place.run().length();
        while (entries.size() > MOST_RUNS || bytes > mostBytes) {
            releaseOldest();
        }
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Checks and frees every run. */
    void releaseAll() {
        while (!entries.isEmpty()) {
            releaseOldest();
        }
    }

    /** What was at an address, if it is kept here. */
    Optional<String> formerly(long pa) {
        return entries.stream()
                .filter(e -> e.place().usable().contains(pa))
                .map(Entry::what)
                .findFirst();
    }

    private void releaseOldest() {
        Entry oldest = entries.removeFirst();
        long touched = oldest.place().touchedAnywhere(frames.memory(), pattern);
        if (touched >= 0) {
            trespasses.add("0x%x was written after the end of the %s".formatted(touched, oldest.what()));
        }
        bytes -= oldest.place().run().length();
        frames.free(oldest.place().run());
    }
}
