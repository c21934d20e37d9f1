package dev.postern.virtio.queue;

/**
 * What a device did to a queue that no device may do.
 *
 * @param device name of the device
 * @param queue index of the queue
 * @param entry which used entry, counted from 0 since the queue was enabled; -1 when no single entry is at fault
 * @param what the fault in words, with the offending value and the allowed range
 */
public record QueueFault(String device, int queue, long entry, String what) {

    @Override
    public String toString() {
        return entry < 0
                ? "%s queue %d: %s".formatted(device, queue, what)
                : "%s queue %d, used entry %d: %s".formatted(device, queue, entry, what);
    }
}
