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
        this.blockSectors = blockBytes / SECTOR;
    }

    long capacity() {
        return capacity;
    }

    void capacity(long sectors) {
        capacity = sectors;
    }

    /** False means an I/O error. */
    boolean accepts(DiskOperation operation, long sector, long sectors) {
        if (sector < 0 || sector > capacity || sectors > capacity - sector) {
            journal.guestError(
                    name,
                    "blk:871",
                    "sectors %s and %d more, of %d".formatted(Long.toUnsignedString(sector), sectors, capacity));
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
}
