package dev.postern.emulated.blk;

import dev.postern.emulated.DiskCounters;

/** Requests so far, by type. */
final class BlockCounts {

    long reads;
    long writes;
    long flushes;
    long discards;
    long zeroWrites;
    long secureErases;
    long idReads;
    long lifetimeReads;
    long unsupported;
    long errors;

    void count(RangeCommand command) {
        switch (command) {
            case DISCARD -> discards++;
            case WRITE_ZEROES -> zeroWrites++;
            case SECURE_ERASE -> secureErases++;
        }
    }

    DiskCounters show() {
        return new DiskCounters(
                reads,
                writes,
                flushes,
                discards,
                zeroWrites,
                secureErases,
                idReads,
                lifetimeReads,
                unsupported,
                errors);
    }
}
