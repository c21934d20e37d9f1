package dev.postern.machine;

import java.time.Duration;

/**
 * A place where a device in another process can be reached: a stream socket that passes descriptors, and what wakes either side.
 *
 * <p>The machine knows who is behind it and may have started it; what is said over it is the guest's business.
 *
 * <p><b>Ownership:</b> the machine's. What {@link #connect}, {@link #latch} and {@link #doorbell} return is the caller's to close, and ends
 * with the machine at the latest. <b>Threads:</b> as for the other pins, one at a time.
 */
public interface Channel {

    /** What the log calls it, such as {@code vhost-user /tmp/disk.sock}. */
    String name();

    /**
     * What kind of device the machine's maker says is behind it: a number in the guest's own numbering, for the stream itself does not tell.
     */
    int deviceKind();

    /**
     * Connects anew. Whether the other side is busy with somebody else is not known before it answers.
     *
     * @param limit how long to wait for somebody to listen
     * @throws ChannelException when nobody listens; one line with the remedy
     */
    ChannelConnection connect(Duration limit) throws ChannelException;

    /**
     * A second stream, for what the other side asks of us: one end for us, and the other to be passed over a connection.
     *
     * @throws ChannelException when the system has no more descriptors
     */
    StreamPair openPair() throws ChannelException;

    /** Something that the other side trips and that ends {@link Cpu#halt}. */
    Latch latch();

    /** Something that wakes the other side. */
    Doorbell doorbell();

    /**
     * Makes sure that whoever was behind this channel so far does not reach the guest's memory any more, as pulling the power of a device
     * would; the other side comes back as after power on. All connections are closed first.
     *
     * @param limit how long it may take
     * @return false when the machine cannot do that, because the other side is not its own: it may go on to write
     */
    boolean powerCycle(Duration limit);

    /** What the machine knows of the other side, for a message: whether it runs and what it said last. */
    String condition();

    /**
     * Both ends of a stream.
     *
     * @param ours the caller's to close
     * @param theirDescriptor to be passed, and closed by {@link ChannelConnection#closeDescriptor} of ours right after
     */
    record StreamPair(ChannelConnection ours, int theirDescriptor) {}
}
