package dev.postern.virtio.queue;

/**
 * The queue has met a {@link QueueFault} and takes and gives nothing until its device was reset. The owner of the queue
 * answers for the requests in flight.
 */
public final class QueueBrokenException extends Exception {

    private static final long serialVersionUID = 1;

    private final transient QueueFault fault;

    QueueBrokenException(QueueFault fault) {
        super(fault.toString());
        this.fault = fault;
    }

    /** What the device did. */
    public QueueFault fault() {
        return fault;
    }
}
