package dev.postern.dma.bounce;

/**
 * What a pool has done so far. The figures are exact when no other thread maps or unmaps meanwhile.
 *
 * @param mappings how many mappings were begun
 * @param bytesBounced how many bytes were copied, in either direction
 * @param bytesInUse the slots that are mapped now and the runs lent out, in bytes of the pool
 * @param bytesReserved the slots that devices have, mapped or ready for reuse, and the runs lent out, in bytes
 * @param highWaterBytes the most that was reserved at one time
 * @param sizeBytes what the pool has now
 * @param grownBytes what was added after it was made
 * @param fullEvents how many mappings were refused because there was no room
 * @param quarantinedMappings how many mappings were quarantined; their slots are never used again
 */
public record PoolStatistics(
        long mappings,
        long bytesBounced,
        long bytesInUse,
        long bytesReserved,
        long highWaterBytes,
        long sizeBytes,
        long grownBytes,
        long fullEvents,
        long quarantinedMappings) {}
