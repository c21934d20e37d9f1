package dev.postern.emulated;

/**
 * How much a request on ranges of sectors may ask for: a discard, a write of zeros, a secure erase.
 *
 * @param maxSectors in one segment, in sectors of 512 bytes: 1 to 2^32 - 1
 * @param maxSegments in one request: 1 to 2^32 - 1
 * @param alignment at what multiple of sectors a range is best split: 1 to 2^32 - 1. It is advice; other ranges are served too
 */
public record RangeLimits(long maxSectors, long maxSegments, long alignment) {

    /** 4194303 sectors in one segment, as QEMU has it, and no alignment. */
    public static final RangeLimits DEFAULTS = new RangeLimits(4194303, 1, 1);

    private static final long LARGEST = 0xffff_ffffL;

    /** Checks the ranges. */
    public RangeLimits {
        check("sectors", maxSectors);
        check("segments", maxSegments);
        check("sectors of alignment", alignment);
    }

    private static void check(String what, long value) {
        if (value < 1 || value > LARGEST) {
            throw new MachineConfigurationException("limit of %d %s: give 1 to %d".formatted(value, what, LARGEST));
        }
    }

    /** The same for another number of sectors. */
    public RangeLimits maxSectors(long sectors) {
        return new RangeLimits(sectors, maxSegments, alignment);
    }

    /** The same for another number of segments. */
    public RangeLimits maxSegments(long segments) {
        return new RangeLimits(maxSectors, segments, alignment);
    }

    /** The same with another alignment. */
    public RangeLimits alignment(long sectors) {
        return new RangeLimits(maxSectors, maxSegments, sectors);
    }
}
