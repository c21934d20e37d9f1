package dev.postern.dma.backend;

import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaMappingException;
import dev.postern.memory.FrameRequest;

/**
 * Which device addresses one device can express, and what that means for guest-physical ones. Device addresses are
 * unsigned; a device address is a guest-physical one plus an offset, modulo 2^64. Nothing is allocated unless a check
 * fails.
 */
final class AddressLimits {

    private final DmaConstraints constraints;
    private final long mask;
    private final long maxSegment;
    private final long boundary;
    private final long offset;
    private final String device;

    AddressLimits(DmaConstraints constraints, long offset, String device) {
        this.constraints = constraints;
        this.mask = constraints.addressMask();
        this.maxSegment = constraints.maxSegmentSize();
        this.boundary = constraints.segmentBoundary();
        this.offset = offset;
        this.device = device;
    }

    /** The longest mapping that segment size and boundary permit, in bytes. */
    long longestSegment() {
        return boundary == 0 ? maxSegment : Math.min(maxSegment, boundary);
    }

    /** Whether a range of device addresses can be expressed; the length is at least 1. */
    boolean expressible(long dva, long length) {
        long last = dva + length - 1;
        return Long.compareUnsigned(dva, last) <= 0 && Long.compareUnsigned(last, mask) <= 0;
    }

    /** Whether a range of device addresses crosses the segment boundary; the length is at least 1. */
    boolean crosses(long dva, long length) {
        return boundary != 0 && ((dva ^ (dva + length - 1)) & -boundary) != 0;
    }

    /** Throws unless the length can be mapped at all. */
    void checkLength(long length, long largest) {
        if (length < 1 || length > largest) {
            throw new DmaMappingException("DMA: %s: cannot map %d bytes at once: split the transfer into 1 to %d bytes"
                    .formatted(device, length, largest));
        }
    }

    /** Throws unless a mapping may have this device address; the length is known to be good. */
    void checkAddress(long dva, long length) {
        if (!expressible(dva, length)) {
            throw new DmaMappingException(
                    "DMA: %s: device address 0x%x, length 0x%x, needs more than the %d address bits of the device: take the buffer from lower memory, or bounce it"
                            .formatted(device, dva, length, constraints.addressBits()));
        }
        if (crosses(dva, length)) {
            throw new DmaMappingException(
                    "DMA: %s: device address 0x%x, length 0x%x, crosses a boundary of 0x%x bytes: split the transfer there"
                            .formatted(device, dva, length, boundary));
        }
    }

    /**
     * Narrows a request for frames to those that the device can reach, as far as an upper limit can say it.
     *
     * @throws DmaMappingException when it can reach none
     */
    FrameRequest reachable(FrameRequest request) {
        long highest = highestPa();
        if (highest < 4095) {
            throw new DmaMappingException(
                    "DMA: %s: no memory is within the %d address bits of the device at offset 0x%x: correct the mask or the offset"
                            .formatted(device, constraints.addressBits(), offset));
        }
        return highest < request.highestPa() ? request.withHighestPa(highest) : request;
    }

    private long highestPa() {
        if (mask == -1L) {
            return Long.MAX_VALUE;
        }
        // From here on the mask is below 2^63. A negative offset lifts the limit, a positive one lowers it.
        long limit = mask - offset;
        return offset < 0 && limit < 0 ? Long.MAX_VALUE : limit;
    }
}
