package dev.postern.virtio.device;

import dev.postern.virtio.queue.Virtqueue;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;

/** The queues of one device, by index; a driver need not use all that the device has. Belongs to the thread that owns the device. */
final class DeviceQueues {

    private final String device;
    /** Null where a queue is not used; the last one is. */
    private Virtqueue[] queues = {};

    /**
     * None yet.
     *
     * @param device for messages
     */
    DeviceQueues(String device) {
        this.device = device;
    }

    /** Adds a queue with a higher index than those that are here. */
    void add(Virtqueue queue) {
        if (queue.index() < queues.length) {
            throw new IllegalArgumentException("%s: queue %d after queue %d; add them in order"
                    .formatted(device, queue.index(), queues.length - 1));
        }
        queues = Arrays.copyOf(queues, queue.index() + 1);
        queues[queue.index()] = queue;
    }

    /** All indices are below this one. */
    int limit() {
        return queues.length;
    }

    /** The queue of that index, or null when it is not used. */
    Virtqueue find(int index) {
        return queues[index];
    }

    /** Those that are used, by index. */
    Stream<Virtqueue> all() {
        return Arrays.stream(queues).filter(Objects::nonNull);
    }

    /** The queue of that index, which was added. */
    Virtqueue at(int index) {
        Virtqueue queue = index >= 0 && index < queues.length ? queues[index] : null;
        if (queue == null) {
            throw new IllegalArgumentException("%s: queue %d was not added".formatted(device, index));
        }
        return queue;
    }

    /**
     * Asks for a signal in every queue, also behind one that has used buffers already: the caller may go on to wait for another.
     *
     * @return whether some queue has used buffers already
     */
    boolean askForSignals() {
        boolean used = false;
        for (Virtqueue queue : queues) {
            used |= queue != null && queue.askForSignal();
        }
        return used;
    }

    /** Whether some queue has used buffers. */
    boolean haveUsed() {
        for (Virtqueue queue : queues) {
            if (queue != null && queue.hasUsed()) {
                return true;
            }
        }
        return false;
    }

    /** Empties them all; the device has been reset. */
    void restart() {
        for (Virtqueue queue : queues) {
            if (queue != null) {
                queue.restart();
            }
        }
    }

    /** Gives the memory of them all back; the device has been reset. */
    void close() {
        for (Virtqueue queue : queues) {
            if (queue != null) {
                queue.close();
            }
        }
    }

    /** Forgets them all. Of a device that did not come out of reset the memory stays taken. */
    void forget() {
        queues = new Virtqueue[0];
    }
}
