package dev.postern.dma.backend;

import dev.postern.dma.DmaMappingException;

/** What every backend asks of a request for a coherent buffer. */
final class CoherentRequest {

    private CoherentRequest() {}

    /** Throws unless the length is at least 1 and the alignment a power of two. */
    static void check(long length, long alignment, String device) {
        if (length < 1) {
            throw new DmaMappingException(
                    "DMA: %s: a coherent buffer of %d bytes was asked for: give at least 1".formatted(device, length));
        }
        if (alignment < 1 || Long.bitCount(alignment) != 1) {
            throw new DmaMappingException("DMA: %s: a coherent buffer aligned to %d was asked for: give a power of two"
                    .formatted(device, alignment));
        }
    }
}
