package dev.postern.emulated.blk;

import dev.postern.emulated.board.Journal;
import dev.postern.emulated.mischief.DiskOperation;

/** Whether a disk can do something on a range of sectors; what is no range of the disk is an I/O error. */
final class SectorCheck {

    private static final int SECTOR = 512;

    private final String name;
    private final Journal journal;
    private final BlockMischief mischief;
    private final long imageSectors;
    private final int blockSectors;

    private long capacity;

    /** The most that the driver was told since the last reset: a disk that shrinks under requests is no fault of the guest. */
    private long mostTold;

    /**
     * A check.
     *
     * @param name of the disk
     * @param journal where the guest's errors go
     * @param mischief where operations fail without cause
     * @param imageBytes how much there is behind the disk
     * @param blockBytes what ranges have to be multiples of
     */
    SectorCheck(String name, Journal journal, BlockMischief mischief, long imageBytes, int blockBytes) {
        this.name = name;
        this.journal = journal;
        this.mischief = mischief;
        this.imageSectors = imageBytes / SECTOR;
        this.capacity = imageSectors;
        this.mostTold = imageSectors;
        this.blockSectors = blockBytes / SECTOR;
    }

    long capacity() {
        return capacity;
    }

    void capacity(long sectors) {
        capacity = sectors;
        mostTold = Math.max(mostTold, sectors);
    }

    /** Whoever drives the disk from now on reads the capacity anew. */
    void reset() {
        mostTold = capacity;
    }

    /** False means an I/O error. */
    boolean accepts(DiskOperation operation, long sector, long sectors) {
        if (isBeyond(capacity, sector, sectors)) {
            if (isBeyond(mostTold, sector, sectors)) {
                journal.guestError(
                        name,
                        "blk:871",
                        "sectors %s and %d more, of %d".formatted(Long.toUnsignedString(sector), sectors, capacity));
            }
            return false;
        }
        // The protocol counts sectors whatever blk_size says (blk:230), but there is no storing a part of a block; QEMU
        // refuses it too.
        if (sector % blockSectors != 0 || sectors % blockSectors != 0) {
            if (journal.tracing()) {
                journal.event(
                        name,
                        "sectors %d and %d more are not whole blocks of %d bytes"
                                .formatted(sector, sectors, blockSectors * SECTOR));
            }
            return false;
        }
        // A capacity that was raised at run time may promise more than the image has; the image must not grow.
        return sector + sectors <= imageSectors && !mischief.fails(operation, sector, sectors);
    }

    private static boolean isBeyond(long end, long sector, long sectors) {
        return sector < 0 || sector > end || sectors > end - sector;
    }
}
