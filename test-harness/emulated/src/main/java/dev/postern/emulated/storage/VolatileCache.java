package dev.postern.emulated.storage;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A disk's own cache over what keeps its content: a write is volatile until a flush (blk:989), and lost when the power is cut before.
 * When it is full the oldest writes go to what is behind, as they may at any time.
 */
public final class VolatileCache implements Storage {

    private static final int SECTOR = 512;

    /** How many sectors are kept at most: 16 MiB. */
    private static final int CAPACITY = 32768;

    private final Storage behind;

    /** Whole sectors, the one that was written longest ago first. */
    private final LinkedHashMap<Long, MemorySegment> unflushed = new LinkedHashMap<>();

    /** A cache in front of a storage, which is closed with it. */
    public VolatileCache(Storage behind) {
        this.behind = behind;
    }

    @Override
    public long bytes() {
        return behind.bytes();
    }

    /** Forgets everything that was not flushed. */
    public void cutPower() {
        unflushed.clear();
    }

    @Override
    public void read(long offset, MemorySegment into) throws IOException {
        behind.read(offset, into);
        if (unflushed.isEmpty()) {
            return;
        }
        long at = 0;
        while (at < into.byteSize()) {
            long position = offset + at;
            long length = Math.min(SECTOR - position % SECTOR, into.byteSize() - at);
            MemorySegment kept = unflushed.get(position / SECTOR);
            if (kept != null) {
                MemorySegment.copy(kept, position % SECTOR, into, at, length);
            }
            at += length;
        }
    }

    /** Pieces of a request may be cut inside a sector: the rest of it then comes from behind. */
    @Override
    public void write(long offset, MemorySegment from) throws IOException {
        long at = 0;
        while (at < from.byteSize()) {
            long position = offset + at;
            long length = Math.min(SECTOR - position % SECTOR, from.byteSize() - at);
            MemorySegment kept = sector(position / SECTOR, length);
            MemorySegment.copy(from, at, kept, position % SECTOR, length);
            at += length;
        }
    }

    @Override
    public void zero(long offset, long length, Space space) throws IOException {
        if (length > (long) CAPACITY * SECTOR) {
            Sectors.forget(unflushed, offset, length);
            behind.zero(offset, length, space);
            return;
        }
        for (long at = 0; at < length; at += SECTOR) {
            sector((offset + at) / SECTOR, SECTOR).fill((byte) 0);
        }
    }

    @Override
    public void discard(long offset, long length) throws IOException {
        Sectors.forget(unflushed, offset, length);
        behind.discard(offset, length);
    }

    /** The place of a sector in the cache, as the newest. */
    private MemorySegment sector(long number, long length) throws IOException {
        MemorySegment kept = unflushed.remove(number);
        if (kept == null) {
            kept = MemorySegment.ofArray(new byte[SECTOR]);
            if (length < SECTOR) {
                behind.read(number * SECTOR, kept);
            }
        }
        unflushed.put(number, kept);
        if (unflushed.size() > CAPACITY) {
            evict();
        }
        return kept;
    }

    private void evict() throws IOException {
        Iterator<Map.Entry<Long, MemorySegment>> oldest = unflushed.entrySet().iterator();
        Map.Entry<Long, MemorySegment> sector = oldest.next();
        behind.write(sector.getKey() * SECTOR, sector.getValue());
        oldest.remove();
    }

    @Override
    public void flush() throws IOException {
        while (!unflushed.isEmpty()) {
            evict();
        }
        behind.flush();
    }

    /** A machine that is closed is shut down, and a disk that is shut down writes what it has. */
    @Override
    public void close() throws IOException {
        try {
            while (!unflushed.isEmpty()) {
                evict();
            }
        } finally {
            behind.close();
        }
    }
}
