package dev.postern.virtio.queue;

/**
 * How a queue is to be made.
 *
 * @param device name of the device, for messages
 * @param index of the queue
 * @param size entries, a power of two from 1 to 32768
 * @param longestChain the most buffers one request will have, at least 1
 * @param chains whether long chains go through indirect tables
 * @param signals whether the device is asked to interrupt
 */
public record QueueOptions(String device, int index, int size, int longestChain, Chaining chains, UsedSignals signals) {

    /** How the buffers of one request are linked. */
    public enum Chaining {
        /** By the next field, in the ring itself. */
        DIRECT,
        /** In a table of their own, which takes one ring entry; needs INDIRECT_DESC. */
        INDIRECT
    }

    /** Whether used buffers are signalled. */
    public enum UsedSignals {
        /** The driver polls; the device is told that no interrupt is needed. */
        SUPPRESSED,
        /** The device interrupts. */
        WANTED
    }

    /** Checks the ranges. */
    public QueueOptions {
        if (size < 1 || size > 32768 || Integer.bitCount(size) != 1) {
            throw new IllegalArgumentException("queue size %d: give a power of two from 1 to 32768".formatted(size));
        }
        if (longestChain < 1) {
            throw new IllegalArgumentException("longest chain %d: give at least 1".formatted(longestChain));
        }
    }
}
