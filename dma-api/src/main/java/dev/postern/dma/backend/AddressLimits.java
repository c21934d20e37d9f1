package dev.postern.dma.backend;

import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaMappingException;
import dev.postern.dma.PaWindow;
import dev.postern.memory.FrameRequest;

/**
 * Which device addresses one device can express, and what that means for guest-physical ones. Device addresses are
 * unsigned; a device address is a guest-physical one plus an offset, modulo 2^64. Nothing is allocated unless a check
 * fails. Immutable.
 */
final class AddressLimits {

    private final DmaConstraints constraints;
    private final long mask;
    private final long queueMask;
    private final long maxSegment;
    private final long boundary;
    private final PaWindow window;
    private final long offset;
    private final String device;

    AddressLimits(DmaConstraints constraints, long offset, String device) {
        this.constraints = constraints;
        this.mask = constraints.addressMask();
        // Masks are ones from bit 0 on, so that the narrower one is what both have.
        this.queueMask = mask & -1L >>> 64 - constraints.queueAddressBits();
        this.maxSegment = constraints.maxSegmentSize();
        this.boundary = constraints.segmentBoundary();
        this.window = constraints.window();
        this.offset = offset;
        this.device = device;
    }

    /** What messages call the device. */
    String device() {
        return device;
    }

    /** What the device can express, as it was given. */
    DmaConstraints constraints() {
        return constraints;
    }

    /** Added to every guest-physical address. */
    long offset() {
        return offset;
    }

    /** The longest mapping that segment size and boundary permit, in bytes. */
    long longestSegment() {
        return boundary == 0 ? maxSegment : Math.min(maxSegment, boundary);
    }

    /** Whether a range of device addresses can be expressed; the length is at least 1. */
    boolean expressible(long dva, long length) {
        return endsWithin(mask, dva, length);
    }

    /** Whether a range of device addresses can be given to the device as a queue's; the length is at least 1. */
    boolean expressibleForQueue(long dva, long length) {
        return endsWithin(queueMask, dva, length);
    }

    /** How many bits the address of a queue has. */
    int queueBits() {
        return Long.bitCount(queueMask);
    }

    /** Whether a range of device addresses crosses the segment boundary; the length is at least 1. */
    boolean crosses(long dva, long length) {
        return boundary != 0 && ((dva ^ (dva + length - 1)) & -boundary) != 0;
    }

    /** Whether the bus carries a range of guest-physical addresses for the device; the length is at least 1. */
    boolean carried(long pa, long length) {
        return window.contains(pa, length);
    }

    /** The guest-physical addresses that the bus carries. */
    PaWindow window() {
        return window;
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
     * Narrows a request for frames to those that the device can reach, as far as two limits can say it.
     *
     * @throws DmaMappingException when it can reach none
     */
    FrameRequest reachable(FrameRequest request) {
        return narrowed(request, highestPa(mask), mask);
    }

    /**
     * The same for frames of a queue, whose addresses may have fewer bits.
     *
     * @throws DmaMappingException when none will do
     */
    FrameRequest reachableForQueue(FrameRequest request) {
        return narrowed(request, highestPa(queueMask), queueMask);
    }

    /**
     * Narrows a request for frames to those that the bus carries; for frames whose device addresses lie elsewhere.
     *
     * @throws DmaMappingException when it carries none
     */
    FrameRequest insideWindow(FrameRequest request) {
        return narrowed(request, Long.MAX_VALUE, mask);
    }

    private FrameRequest narrowed(FrameRequest request, long highestOfMask, long usedMask) {
        // Frames lie below 2^63. An end above that limits nothing, and a beginning there leaves nothing.
        long lastOfWindow = window.lastPa() < 0 ? Long.MAX_VALUE : window.lastPa();
        long highest = Math.min(request.highestPa(), Math.min(highestOfMask, lastOfWindow));
        long lowest = Math.max(request.lowestPa(), window.firstPa());
        if (window.firstPa() < 0 || highest < 4095 || highest - 4095 < lowest) {
            throw new DmaMappingException(
                    "DMA: %s: no memory is within the %d address bits of the device at offset 0x%x and within 0x%x-0x%x, which its bus carries: correct the mask or the offset, or bounce"
                            .formatted(device, Long.bitCount(usedMask), offset, window.firstPa(), window.lastPa()));
        }
        return new FrameRequest(request.alignment(), lowest, highest, request.placement());
    }

    private long highestPa(long usedMask) {
        if (usedMask == -1L) {
            return Long.MAX_VALUE;
        }
        // From here on the mask is below 2^63. A negative offset lifts the limit, a positive one lowers it.
        long limit = usedMask - offset;
        return offset < 0 && limit < 0 ? Long.MAX_VALUE : limit;
    }

    private static boolean endsWithin(long limit, long dva, long length) {
        long last = dva + length - 1;
        return Long.compareUnsigned(dva, last) <= 0 && Long.compareUnsigned(last, limit) <= 0;
    }
}
