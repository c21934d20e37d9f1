package dev.postern.machine;

import java.nio.ByteBuffer;

/**
 * A connection over a {@link Channel}: bytes in order, with descriptors of this process attached. Neither call waits longer than told,
 * and none ends the JVM with a signal, whatever the other side does.
 */
public interface ChannelConnection extends AutoCloseable {

    /** The most descriptors that one call passes or receives. */
    int MOST_DESCRIPTORS = 16;

    /**
     * Sends all remaining bytes; descriptors go with the first of them and stay the caller's.
     *
     * @param deadlineNanos on the clock of {@link Cpu#nanoTime()}
     * @throws ChannelException when the other side has hung up or takes nothing before the deadline; part of it may have been sent, so
     *     that the connection is of no more use
     */
    void send(ByteBuffer bytes, int[] descriptors, long deadlineNanos) throws ChannelException;

    /**
     * Receives until the buffer is full.
     *
     * @param deadlineNanos on the clock of {@link Cpu#nanoTime()}; one in the past takes what is there
     * @return the descriptors that came with the bytes, which are the caller's to close with {@link #closeDescriptor}; mostly none
     * @throws ChannelException when the other side hung up, sent less before the deadline, or sent more than {@link #MOST_DESCRIPTORS}
     *     descriptors; what descriptors had come are closed then
     */
    int[] receive(ByteBuffer into, long deadlineNanos) throws ChannelException;

    /** Whether bytes can be received now. Not blocking. */
    boolean hasArrivals();

    /** Whether the other side has closed the stream and nothing is left to be received. Not blocking; stays true. */
    boolean hungUp();

    /** Tripped when bytes arrive or the other side hangs up; closed with the connection. Its descriptor is not to be passed on. */
    Latch arrivals();

    /** Says that nothing more will be sent; the other side reads the end of the stream and can still send. */
    void finish();

    /** Closes a descriptor that was received. */
    void closeDescriptor(int descriptor);

    /** Closes this end. Safe to call twice; never throws. */
    @Override
    void close();
}
