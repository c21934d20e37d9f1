package dev.postern.emulated.mischief;

/** A field of a disk's configuration (blk:88 to 131): where it is, and how many bytes it has. */
public enum DiskField {
    /** le64 capacity */
    CAPACITY(0, 8),
    /** le32 size_max */
    SIZE_MAX(8, 4),
    /** le32 seg_max */
    SEG_MAX(12, 4),
    /** le32 blk_size */
    BLK_SIZE(20, 4),
    /** u8 physical_block_exp */
    PHYSICAL_BLOCK_EXP(24, 1),
    /** u8 alignment_offset */
    ALIGNMENT_OFFSET(25, 1),
    /** le16 min_io_size */
    MIN_IO_SIZE(26, 2),
    /** le32 opt_io_size */
    OPT_IO_SIZE(28, 4),
    /** u8 writeback */
    WRITEBACK(32, 1),
    /** u8 unused0 */
    UNUSED0(33, 1),
    /** le16 num_queues */
    NUM_QUEUES(34, 2),
    /** le32 max_discard_sectors */
    MAX_DISCARD_SECTORS(36, 4),
    /** le32 max_discard_seg */
    MAX_DISCARD_SEG(40, 4),
    /** le32 discard_sector_alignment */
    DISCARD_SECTOR_ALIGNMENT(44, 4),
    /** le32 max_write_zeroes_sectors */
    MAX_WRITE_ZEROES_SECTORS(48, 4),
    /** le32 max_write_zeroes_seg */
    MAX_WRITE_ZEROES_SEG(52, 4),
    /** u8 write_zeroes_may_unmap */
    WRITE_ZEROES_MAY_UNMAP(56, 1),
    /** le32 max_secure_erase_sectors */
    MAX_SECURE_ERASE_SECTORS(60, 4),
    /** le32 max_secure_erase_seg */
    MAX_SECURE_ERASE_SEG(64, 4),
    /** le32 secure_erase_sector_alignment */
    SECURE_ERASE_SECTOR_ALIGNMENT(68, 4),
    /** le32 zoned.zone_sectors */
    ZONE_SECTORS(72, 4),
    /** le32 zoned.max_open_zones */
    MAX_OPEN_ZONES(76, 4),
    /** le32 zoned.max_active_zones */
    MAX_ACTIVE_ZONES(80, 4),
    /** le32 zoned.max_append_sectors */
    MAX_APPEND_SECTORS(84, 4),
    /** le32 zoned.write_granularity */
    WRITE_GRANULARITY(88, 4),
    /** u8 zoned.model */
    ZONE_MODEL(92, 1);

    private final int offset;
    private final int width;

    DiskField(int offset, int width) {
        this.offset = offset;
        this.width = width;
    }

    /** Where it begins. */
    public int offset() {
        return offset;
    }

    /** How many bytes it has: 1, 2, 4 or 8. */
    public int width() {
        return width;
    }
}
