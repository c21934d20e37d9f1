package dev.postern.dma.backend;

import dev.postern.dma.DmaDirection;
import java.lang.foreign.MemorySegment;

/**
 * What a device of the hostile context may access.
 *
 * @param place where it is; device addresses are guest-physical
 * @param direction who writes
 * @param memory the bytes
 * @param what a few words for messages
 */
record Grant(GuardedRun place, DmaDirection direction, MemorySegment memory, String what) {

    /** The address of byte 0 as the device sees it. */
    long dva() {
        return place.usable().basePa();
    }
}
