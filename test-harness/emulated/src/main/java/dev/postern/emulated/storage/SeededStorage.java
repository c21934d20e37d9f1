package dev.postern.emulated.storage;

import dev.postern.emulated.SeededContent;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/** Content that is a function of a seed until it is written; what is written is kept in memory, by sector. */
public final class SeededStorage implements Storage {

    private static final int SECTOR = 512;

    private final long bytes;
    private final long seed;
    private final Map<Long, MemorySegment> written = new HashMap<>();
    private final SectorRanges zeros = new SectorRanges();

    /** A disk of the given size, a multiple of 512. */
    public SeededStorage(long bytes, long seed) {
        this.bytes = bytes;
        this.seed = seed;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public void read(long offset, MemorySegment into) {
        SeededContent.fill(seed, offset, into);
        if (!zeros.isEmpty()) {
            forEachSector(offset, into, (sector, at, length) -> {
                if (zeros.has(sector)) {
                    into.asSlice(at, length).fill((byte) 0);
                }
            });
        }
        if (written.isEmpty()) {
            return;
        }
        forEachSector(offset, into, (sector, at, length) -> {
            MemorySegment kept = written.get(sector);
            if (kept != null) {
                MemorySegment.copy(kept, (offset + at) % SECTOR, into, at, length);
            }
        });
    }

    @Override
    public void write(long offset, MemorySegment from) {
        forEachSector(offset, from, (sector, at, length) -> {
            MemorySegment kept = written.computeIfAbsent(sector, this::original);
            MemorySegment.copy(from, at, kept, (offset + at) % SECTOR, length);
        });
    }

    /** What was written is forgotten, and what follows from the seed shows again. */
    @Override
    public void discard(long offset, long length) {
        Sectors.forget(written, offset, length);
        zeros.remove(offset / SECTOR, (offset + length) / SECTOR);
    }

    /** Zeros are kept as ranges, so that a whole disk of them costs nothing. */
    @Override
    public void zero(long offset, long length, Space space) {
        Sectors.forget(written, offset, length);
        zeros.add(offset / SECTOR, (offset + length) / SECTOR);
    }

    private MemorySegment original(long sector) {
        MemorySegment content = MemorySegment.ofArray(new byte[SECTOR]);
        if (!zeros.has(sector)) {
            SeededContent.fill(seed, sector * SECTOR, content);
        }
        return content;
    }

    private interface SectorAct {
        void on(long sector, long at, long length);
    }

    private static void forEachSector(long offset, MemorySegment buffer, SectorAct act) {
        long at = 0;
        while (at < buffer.byteSize()) {
            long position = offset + at;
            long length = Math.min(SECTOR - position % SECTOR, buffer.byteSize() - at);
            act.on(position / SECTOR, at, length);
            at += length;
        }
    }

    @Override
    public void flush() {
        // There is nothing more durable than this memory.
    }

    @Override
    public void close() {
        written.clear();
        zeros.clear();
    }
}
