package dev.postern.interrupt;

import java.lang.foreign.MemorySegment;

/**
 * Four bytes of RAM that a device signals by storing to them.
 *
 * @param pa where they are; a multiple of 4
 * @param segment the four bytes
 * @param data what the device is asked to store, not 0
 */
record MailboxSlot(long pa, MemorySegment segment, int data) {

    void clear() {
        segment.fill((byte) 0);
    }
}
