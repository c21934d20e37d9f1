package dev.postern.virtio.blk;

import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.transport.Transport;

/**
 * The fields of the configuration as they stand there, unchecked. A field whose feature was not accepted is not looked at
 * (content:297), nor one that lies behind the end of the space (content:306).
 */
final class ConfigurationFields {

    /** blk:89, struct virtio_blk_config up to the fields of secure erase. */
    static final int BYTES_OF_EVERY_DISK = 60;

    /** All of it, with the characteristics of zones. */
    static final int ALL_BYTES = 96;

    /** blk:89: where each field is, how wide, and by which feature it is there. */
    enum Field {
        CAPACITY(0, 8),
        SIZE_MAX(8, 4, BlkFeatures.SIZE_MAX),
        SEG_MAX(12, 4, BlkFeatures.SEG_MAX),
        BLK_SIZE(20, 4, BlkFeatures.BLK_SIZE),
        PHYSICAL_BLOCK_EXP(24, 1, BlkFeatures.TOPOLOGY),
        ALIGNMENT_OFFSET(25, 1, BlkFeatures.TOPOLOGY),
        MIN_IO_SIZE(26, 2, BlkFeatures.TOPOLOGY),
        OPT_IO_SIZE(28, 4, BlkFeatures.TOPOLOGY),
        WRITEBACK(32, 1, BlkFeatures.CONFIG_WCE),
        NUM_QUEUES(34, 2, BlkFeatures.MQ),
        MAX_DISCARD_SECTORS(36, 4, BlkFeatures.DISCARD),
        MAX_DISCARD_SEG(40, 4, BlkFeatures.DISCARD),
        DISCARD_SECTOR_ALIGNMENT(44, 4, BlkFeatures.DISCARD),
        MAX_WRITE_ZEROES_SECTORS(48, 4, BlkFeatures.WRITE_ZEROES),
        MAX_WRITE_ZEROES_SEG(52, 4, BlkFeatures.WRITE_ZEROES),
        WRITE_ZEROES_MAY_UNMAP(56, 1, BlkFeatures.WRITE_ZEROES),
        MAX_SECURE_ERASE_SECTORS(60, 4, BlkFeatures.SECURE_ERASE),
        MAX_SECURE_ERASE_SEG(64, 4, BlkFeatures.SECURE_ERASE),
        SECURE_ERASE_SECTOR_ALIGNMENT(68, 4, BlkFeatures.SECURE_ERASE),
        ZONED_MODEL(92, 1, BlkFeatures.ZONED);

        private static final int ALWAYS = -1;

        final int offset;
        private final int bytes;
        private final int feature;

        Field(int offset, int bytes) {
            this(offset, bytes, ALWAYS);
        }

        Field(int offset, int bytes, int feature) {
            this.offset = offset;
            this.bytes = bytes;
            this.feature = feature;
        }

        boolean in(Transport transport, FeatureSet features) {
            return (feature == ALWAYS || features.has(feature)) && offset + bytes <= transport.configLength();
        }

        /** Its value; unsigned but for the capacity, whose 64 bits are all there. */
        long read(Transport transport) {
            return switch (bytes) {
                case 1 -> transport.readConfig8(offset);
                case 2 -> transport.readConfig16(offset);
                case 4 -> Integer.toUnsignedLong(transport.readConfig32(offset));
                default ->
                    Integer.toUnsignedLong(transport.readConfig32(offset))
                            | (long) transport.readConfig32(offset + 4) << 32;
            };
        }
    }

    private static final Field[] FIELDS = Field.values();
    /** Those that a device may change while it runs (blk:961, blk:985), and the one that the driver writes. */
    private static final Field[] CHANGEABLE = {Field.CAPACITY, Field.WRITEBACK, Field.WRITE_ZEROES_MAY_UNMAP};

    private final FeatureSet features;
    private final long[] values = new long[FIELDS.length];
    private int present;

    private ConfigurationFields(FeatureSet features) {
        this.features = features;
    }

    /** Reads all that are there; the caller sees to it that they belong together. */
    static ConfigurationFields read(Transport transport, FeatureSet features) {
        ConfigurationFields fields = new ConfigurationFields(features);
        for (Field field : FIELDS) {
            if (field.in(transport, features)) {
                fields.values[field.ordinal()] = field.read(transport);
                fields.present |= 1 << field.ordinal();
            }
        }
        return fields;
    }

    boolean has(Field field) {
        return (present & 1 << field.ordinal()) != 0;
    }

    long get(Field field) {
        return values[field.ordinal()];
    }

    long get(Field field, long otherwise) {
        return has(field) ? get(field) : otherwise;
    }

    /** Whether a field has another value now. Allocates nothing: a disk without interrupts asks again and again. */
    boolean differ(Transport transport) {
        for (Field field : CHANGEABLE) {
            if (field.in(transport, features) && (!has(field) || get(field) != field.read(transport))) {
                return true;
            }
        }
        return false;
    }
}
