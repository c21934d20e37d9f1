package dev.postern.memory;

import java.util.Objects;

/**
 * What an allocation of frames must satisfy.
 *
 * @param alignment of the first address, in bytes: a power of two, at least 4096
 * @param lowestPa the first address that may be used
 * @param highestPa the last address that may still be used (inclusive), as a DMA mask gives it; 4095 or more
 * @param placement which end of memory is preferred
 */
public record FrameRequest(long alignment, long lowestPa, long highestPa, Placement placement) {

    /** Any whole frames, from high memory first. */
    public static final FrameRequest ANY =
            new FrameRequest(FrameAllocator.FRAME_BYTES, 0, Long.MAX_VALUE, Placement.HIGH);

    /** Frames that 32 address bits reach. */
    public static final FrameRequest BELOW_4_GIB =
            new FrameRequest(FrameAllocator.FRAME_BYTES, 0, 0xffff_ffffL, Placement.HIGH);

    /** Checks the ranges given above. */
    public FrameRequest {
        Objects.requireNonNull(placement);
        if (alignment < FrameAllocator.FRAME_BYTES || Long.bitCount(alignment) != 1) {
            throw new IllegalArgumentException(
                    "frame alignment 0x%x: it must be a power of two, at least 4096".formatted(alignment));
        }
        if (lowestPa < 0 || highestPa < FrameAllocator.FRAME_BYTES - 1 || highestPa < lowestPa) {
            throw new IllegalArgumentException(
                    "frame addresses 0x%x to 0x%x: they must leave room for one frame of 4096 bytes"
                            .formatted(lowestPa, highestPa));
        }
    }

    /** The same request with another alignment. */
    public FrameRequest withAlignment(long bytes) {
        return new FrameRequest(bytes, lowestPa, highestPa, placement);
    }

    /** The same request with another inclusive limit. */
    public FrameRequest withHighestPa(long pa) {
        return new FrameRequest(alignment, lowestPa, pa, placement);
    }

    /** The same request with another preference. */
    public FrameRequest withPlacement(Placement preferred) {
        return new FrameRequest(alignment, lowestPa, highestPa, preferred);
    }

    /** The same request, kept inside a range as well. */
    public FrameRequest within(PhysRange range) {
        return new FrameRequest(
                alignment,
                Math.max(lowestPa, range.basePa()),
                Math.max(Math.min(highestPa, range.endPa() - 1), FrameAllocator.FRAME_BYTES - 1),
                placement);
    }
}
