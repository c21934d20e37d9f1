package dev.postern.dma;

import java.util.Objects;

/**
 * What a device can express, as an object that a context is opened with.
 *
 * @param addressBits how many low address bits the device drives, 1 to 64 (the DMA mask)
 * @param maxSegmentSize the longest single mapping in bytes, at least 1
 * @param segmentBoundary a power of two that no mapping may cross, or 0 for none
 * @param minAlignMask low address bits that a substitute buffer must preserve; 0 for none, else one less than a power of
 *     two and below 4096
 * @param queueAddressBits how many bits the transport has for the address of a queue, 1 to 64; coherent buffers end below that
 * @param window the guest-physical addresses that the bus carries for the device at the plan's offset
 */
public record DmaConstraints(
        int addressBits,
        long maxSegmentSize,
        long segmentBoundary,
        int minAlignMask,
        int queueAddressBits,
        PaWindow window) {

    /** A device with 64 address bits and no other limit. */
    public static final DmaConstraints NONE = new DmaConstraints(64, Long.MAX_VALUE, 0, 0);

    /** A device whose transport and bus set no limit of their own. */
    public DmaConstraints(int addressBits, long maxSegmentSize, long segmentBoundary, int minAlignMask) {
        this(addressBits, maxSegmentSize, segmentBoundary, minAlignMask, 64, PaWindow.ALL);
    }

    /** Rejects values outside their ranges. */
    public DmaConstraints {
        if (addressBits < 1 || addressBits > 64) {
            throw new IllegalArgumentException("addressBits is %d: give 1 to 64".formatted(addressBits));
        }
        if (maxSegmentSize < 1) {
            throw new IllegalArgumentException("maxSegmentSize is %d: give at least 1".formatted(maxSegmentSize));
        }
        if (segmentBoundary < 0 || Long.bitCount(segmentBoundary) > 1) {
            throw new IllegalArgumentException(
                    "segmentBoundary is 0x%x: give a power of two, or 0 for none".formatted(segmentBoundary));
        }
        if (minAlignMask < 0 || minAlignMask >= 4096 || Integer.bitCount(minAlignMask + 1) != 1) {
            throw new IllegalArgumentException(
                    "minAlignMask is 0x%x: give one less than a power of two, below 4096".formatted(minAlignMask));
        }
        if (queueAddressBits < 1 || queueAddressBits > 64) {
            throw new IllegalArgumentException("queueAddressBits is %d: give 1 to 64".formatted(queueAddressBits));
        }
        Objects.requireNonNull(window);
    }

    /** The highest device address that can be expressed, as an unsigned number. */
    public long addressMask() {
        return addressBits == 64 ? -1L : (1L << addressBits) - 1;
    }
}
