package dev.postern.virtio.queue;

import java.util.Objects;

/**
 * How a queue is to be made.
 *
 * @param device name of the device, for messages
 * @param index of the queue
 * @param size entries, 1 to 32768; a power of two for a split queue
 * @param longestChain the most buffers one request will have, at least 1
 * @param format how the ring lies in memory
 * @param chains whether long chains go through indirect tables
 * @param signals whether the device is asked to interrupt
 * @param events how either side says of which event it wants to hear
 * @param order in which the device uses buffers
 * @param lengths what the device's word of how much it wrote is worth
 * @param code whose code the queue runs
 */
public record QueueOptions(
        String device,
        int index,
        int size,
        int longestChain,
        Format format,
        Chaining chains,
        UsedSignals signals,
        EventMarks events,
        UseOrder order,
        UsedLengths lengths,
        Code code) {

    /** The most entries of any queue (split-ring:50, packed-ring:10). */
    public static final int MOST_ENTRIES = 32768;

    /** How the ring lies in memory. */
    public enum Format {
        /** Descriptor table, available ring and used ring (split-ring:39). */
        SPLIT,
        /** One ring that both sides write (packed-ring:1); needs RING_PACKED. */
        PACKED
    }

    /** How the buffers of one request are linked. */
    public enum Chaining {
        /** In the ring itself. */
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

    /** How either side says of which event it wants to hear. */
    public enum EventMarks {
        /** By a flag: of every event, or of none. */
        FLAGS,
        /** By the place in the ring of the next event that matters; needs EVENT_IDX. */
        INDICES
    }

    /** In which order the device uses buffers. */
    public enum UseOrder {
        /** In any. */
        ANY,
        /** In the order in which they were made available; needs IN_ORDER. */
        AS_AVAILABLE
    }

    /** What a device's word of how many bytes it wrote into a chain is worth. */
    public enum UsedLengths {
        /** It is at most what was posted writable; a device that says more is broken. So is every device by default. */
        CHECKED,
        /** It says nothing and is not looked at, as a quirk row may have it: every chain counts as written in full. */
        IGNORED
    }

    /** Whose code a queue runs. It does the same either way. */
    public enum Code {
        /** That of its class, which all queues of a format share. */
        PLAIN,
        /** A copy of its own, in which what is constant to it is constant; takes milliseconds to make, and memory. */
        SPECIALISED
    }

    /** Checks the ranges. */
    public QueueOptions {
        Objects.requireNonNull(format);
        Objects.requireNonNull(chains);
        Objects.requireNonNull(signals);
        Objects.requireNonNull(events);
        Objects.requireNonNull(order);
        Objects.requireNonNull(lengths);
        Objects.requireNonNull(code);
        if (size < 1 || size > MOST_ENTRIES) {
            throw new IllegalArgumentException("queue size %d: give 1 to %d".formatted(size, MOST_ENTRIES));
        }
        if (format == Format.SPLIT && Integer.bitCount(size) != 1) {
            throw new IllegalArgumentException(
                    "split queue of %d entries: give a power of two from 1 to %d".formatted(size, MOST_ENTRIES));
        }
        if (longestChain < 1) {
            throw new IllegalArgumentException("longest chain %d: give at least 1".formatted(longestChain));
        }
    }

    /** A queue that checks used lengths and runs the code of its class. */
    public QueueOptions(
            String device,
            int index,
            int size,
            int longestChain,
            Format format,
            Chaining chains,
            UsedSignals signals,
            EventMarks events,
            UseOrder order) {
        this(
                device,
                index,
                size,
                longestChain,
                format,
                chains,
                signals,
                events,
                order,
                UsedLengths.CHECKED,
                Code.PLAIN);
    }

    /** A split queue with flags for events and any order of use. */
    public QueueOptions(String device, int index, int size, int longestChain, Chaining chains, UsedSignals signals) {
        this(device, index, size, longestChain, Format.SPLIT, chains, signals, EventMarks.FLAGS, UseOrder.ANY);
    }

    /**
     * Entries of each indirect table; 0 or 1 when there are none. A chain, through a table or not, is never longer than the queue
     * (split-ring:271, packed-ring:471).
     */
    int tableEntries() {
        return chains == Chaining.INDIRECT ? Math.min(longestChain, size) : 0;
    }

    /** The same for requests of another length. */
    public QueueOptions withLongestChain(int buffers) {
        return new QueueOptions(device, index, size, buffers, format, chains, signals, events, order, lengths, code);
    }

    /** The same in another format. */
    public QueueOptions withFormat(Format other) {
        return new QueueOptions(
                device, index, size, longestChain, other, chains, signals, events, order, lengths, code);
    }

    /** The same with other marks of events. */
    public QueueOptions withEvents(EventMarks other) {
        return new QueueOptions(
                device, index, size, longestChain, format, chains, signals, other, order, lengths, code);
    }

    /** The same with another promise of the device about order. */
    public QueueOptions withOrder(UseOrder other) {
        return new QueueOptions(
                device, index, size, longestChain, format, chains, signals, events, other, lengths, code);
    }

    /** The same with other code. */
    public QueueOptions withCode(Code other) {
        return new QueueOptions(
                device, index, size, longestChain, format, chains, signals, events, order, lengths, other);
    }

    /** The same for a device whose used lengths are worth something else. */
    public QueueOptions withLengths(UsedLengths other) {
        return new QueueOptions(device, index, size, longestChain, format, chains, signals, events, order, other, code);
    }
}
