package dev.postern.virtio.transport.vhostuser;

import dev.postern.machine.Channel;
import dev.postern.machine.ChannelConnection;
import dev.postern.machine.ChannelException;
import dev.postern.machine.Cpu;
import dev.postern.virtio.transport.vhostuser.VhostUserException.Kind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;

/**
 * A stream to or from a back-end as messages ("Message Specification"): writes headers, and checks those that come. After any exception
 * the stream is out of step and of no more use. Numbers are in native order, as the section says. Allocates nothing unless it fails.
 */
final class MessageStream implements AutoCloseable {

    /** The longest payload that is sent or believed: a configuration space of 256 bytes with what is before it is shorter. */
    static final int MOST_PAYLOAD = 512;

    private static final int HEADER_BYTES = 12;
    /** "Header": lower two bits of the flags. */
    private static final int VERSION_MASK = 3;

    private static final int VERSION = 1;
    private static final int REPLY = 4;
    private static final int NEED_REPLY = 8;
    private static final int[] NO_DESCRIPTORS = {};

    private final Channel channel;
    private final ChannelConnection connection;
    private final Cpu cpu;
    private final ByteBuffer out =
            ByteBuffer.allocateDirect(HEADER_BYTES + MOST_PAYLOAD).order(ByteOrder.nativeOrder());
    private final ByteBuffer header = ByteBuffer.allocateDirect(HEADER_BYTES).order(ByteOrder.nativeOrder());
    private final ByteBuffer body = ByteBuffer.allocateDirect(MOST_PAYLOAD).order(ByteOrder.nativeOrder());
    private final ByteBuffer scrap = ByteBuffer.allocateDirect(1);
    private boolean acknowledged;

    /**
     * A stream that nothing was said over yet.
     *
     * @param connection belongs to this object from now on
     */
    MessageStream(Channel channel, ChannelConnection connection, Cpu cpu) {
        this.channel = channel;
        this.connection = connection;
        this.cpu = cpu;
    }

    /** REPLY_ACK was negotiated: from now on orders are acknowledged. */
    void acknowledgeOrders() {
        acknowledged = true;
    }

    ChannelConnection connection() {
        return connection;
    }

    long in(Duration limit) {
        return cpu.nanoTime() + limit.toNanos();
    }

    // ---- to the back-end

    /** Starts the payload of the next message, which the caller appends. */
    ByteBuffer compose() {
        return out.clear().position(HEADER_BYTES);
    }

    /** Sends what was composed, as a message that is answered by a payload of its own; {@link #answer} receives it. */
    void post(Request request) throws VhostUserException {
        send(request, VERSION, NO_DESCRIPTORS, in(Patience.ANSWER));
    }

    /** Sends what was composed, and receives the answer; of exactly so many bytes. */
    ByteBuffer ask(Request request, int bytes) throws VhostUserException {
        return ask(request, bytes, in(Patience.ANSWER));
    }

    /** The same by a deadline. */
    ByteBuffer ask(Request request, int bytes, long deadline) throws VhostUserException {
        send(request, VERSION, NO_DESCRIPTORS, deadline);
        return answer(request, bytes, bytes, deadline);
    }

    /** Sends an empty message and receives the 64 bits that answer it. */
    long askWord(Request request) throws VhostUserException {
        compose();
        return ask(request, Long.BYTES).getLong();
    }

    /** Sends what was composed, as an order; it has been carried out when this returns, where orders are acknowledged. */
    void order(Request request, int... descriptors) throws VhostUserException {
        order(request, in(Patience.ANSWER), descriptors);
    }

    /** The same by a deadline. */
    void order(Request request, long deadline, int... descriptors) throws VhostUserException {
        if (!acknowledged) {
            send(request, VERSION, descriptors, deadline);
            return;
        }
        send(request, VERSION | NEED_REPLY, descriptors, deadline);
        // "VHOST_USER_PROTOCOL_F_REPLY_ACK": zero is success.
        requireSuccess(
                request, answer(request, Long.BYTES, Long.BYTES, deadline).getLong());
    }

    void requireSuccess(Request request, long word) throws VhostUserException {
        if (word != 0) {
            throw trouble(
                    Kind.REFUSED,
                    request.name(),
                    "the back-end says no (0x%x)".formatted(word),
                    "see what it says, or use another back-end");
        }
    }

    private void send(Request request, int flags, int[] descriptors, long deadline) throws VhostUserException {
        send(request.name(), request.code(), flags, descriptors, deadline);
    }

    private void send(String what, int code, int flags, int[] descriptors, long deadline) throws VhostUserException {
        int length = out.position() - HEADER_BYTES;
        out.putInt(0, code).putInt(4, flags).putInt(8, length);
        out.flip();
        try {
            connection.send(out, descriptors, deadline);
        } catch (ChannelException e) {
            throw failed(what, e, "took no message", "hung up");
        }
    }

    // ---- from the back-end

    /**
     * Receives the answer to a request that was posted.
     *
     * @param least the fewest bytes that it may have
     * @param most the most
     */
    ByteBuffer answer(Request request, int least, int most, long deadline) throws VhostUserException {
        return answer(request, least, most, deadline, NO_DESCRIPTORS);
    }

    /** The same with so many descriptors as the array has elements, which are the caller's to close then. */
    ByteBuffer answer(Request request, int least, int most, long deadline, int[] descriptors)
            throws VhostUserException {
        int[] came = receive(request.name(), header.clear(), deadline);
        try {
            checkReplyHeader(request, least, most);
            came = joined(came, receive(request.name(), body.clear().limit(header.getInt(8)), deadline));
            if (came.length != descriptors.length) {
                throw broken(
                        request.name(),
                        "the answer came with %d descriptors, and %d belong to it"
                                .formatted(came.length, descriptors.length));
            }
        } catch (VhostUserException e) {
            closeAll(came);
            throw e;
        }
        System.arraycopy(came, 0, descriptors, 0, came.length);
        return body.flip();
    }

    private void checkReplyHeader(Request request, int least, int most) throws VhostUserException {
        int code = header.getInt(0);
        int flags = header.getInt(4);
        int size = header.getInt(8);
        if (code != request.code()) {
            throw broken(request.name(), "the answer is one to request %d".formatted(Integer.toUnsignedLong(code)));
        }
        if ((flags & VERSION_MASK) != VERSION) {
            throw broken(request.name(), "the answer is of version %d, not 1".formatted(flags & VERSION_MASK));
        }
        if ((flags & REPLY) == 0) {
            throw broken(request.name(), "the answer does not say that it is one (flags 0x%x)".formatted(flags));
        }
        if (size < least || size > most) {
            throw broken(
                    request.name(),
                    least == most
                            ? "the answer has %d bytes, not %d".formatted(Integer.toUnsignedLong(size), most)
                            : "the answer has %d bytes, not %d to %d"
                                    .formatted(Integer.toUnsignedLong(size), least, most));
        }
    }

    // ---- requests of the back-end

    /**
     * Receives a request of the back-end, whose payload is {@link #payload()}. Descriptors that come with it are closed: none is of use
     * here.
     *
     * @param what what the message is, for trouble with it
     * @return its number
     */
    int nextRequest(String what) throws VhostUserException {
        long deadline = in(Patience.ANSWER);
        closeAll(receive(what, header.clear(), deadline));
        int flags = header.getInt(4);
        int size = header.getInt(8);
        if ((flags & VERSION_MASK) != VERSION || (flags & REPLY) != 0 || size < 0 || size > MOST_PAYLOAD) {
            throw broken(
                    what,
                    "request %d has flags 0x%x and %d bytes"
                            .formatted(Integer.toUnsignedLong(header.getInt(0)), flags, Integer.toUnsignedLong(size)));
        }
        closeAll(receive(what, body.clear().limit(size), deadline));
        body.flip();
        return header.getInt(0);
    }

    /** The payload of the last request. */
    ByteBuffer payload() {
        return body;
    }

    /** Whether the last request is to be answered; only where REPLY_ACK was negotiated. */
    boolean answerWanted() {
        return acknowledged && (header.getInt(4) & NEED_REPLY) != 0;
    }

    /** Answers the last request; zero is success. */
    void answerRequest(String what, long word) throws VhostUserException {
        compose().putLong(word);
        send(what, header.getInt(0), VERSION | REPLY, NO_DESCRIPTORS, in(Patience.ANSWER));
    }

    // ---- the end

    /**
     * Waits for the end of the stream, and throws away what comes before it.
     *
     * @return whether it has come
     */
    boolean endsBy(long deadline) {
        do {
            try {
                closeAll(connection.receive(scrap.clear(), deadline));
            } catch (ChannelException e) {
                if (e.reason() != ChannelException.Reason.MALFORMED) {
                    return e.reason() == ChannelException.Reason.HUNG_UP;
                }
            }
        } while (cpu.nanoTime() - deadline < 0);
        return false;
    }

    @Override
    public void close() {
        connection.close();
    }

    // ---- trouble

    private int[] receive(String what, ByteBuffer into, long deadline) throws VhostUserException {
        if (!into.hasRemaining()) {
            return NO_DESCRIPTORS;
        }
        try {
            return connection.receive(into, deadline);
        } catch (ChannelException e) {
            // A header is always whole when its payload is waited for.
            throw into.position() > 0 || into == body
                    ? failed(what, e, "sent half a message", "hung up in the middle of a message")
                    : failed(what, e, "did not answer", "hung up");
        }
    }

    private VhostUserException failed(String what, ChannelException e, String late, String hungUp) {
        return switch (e.reason()) {
            case HUNG_UP ->
                trouble(Kind.HUNG_UP, what, "the back-end " + hungUp, "see what it says, and start it again");
            case TOO_LATE ->
                trouble(
                        Kind.SILENT,
                        what,
                        "the back-end %s within %d s".formatted(late, Patience.ANSWER.toSeconds()),
                        "let it go on if it is stopped, or start it again");
            case ABSENT, REFUSED, MALFORMED -> broken(what, e.getMessage());
        };
    }

    VhostUserException broken(String what, String fault) {
        return trouble(Kind.BROKEN, what, fault, "use a back-end that speaks vhost-user as QEMU specifies it");
    }

    VhostUserException trouble(Kind kind, String what, String fault, String remedy) {
        String condition = channel.condition();
        return new VhostUserException(
                kind,
                "%s: %s: %s%s: %s"
                        .formatted(channel.name(), what, fault, condition.isEmpty() ? "" : "; " + condition, remedy));
    }

    private int[] joined(int[] first, int[] second) {
        if (first.length == 0 || second.length == 0) {
            return first.length == 0 ? second : first;
        }
        int[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private void closeAll(int[] descriptors) {
        for (int descriptor : descriptors) {
            connection.closeDescriptor(descriptor);
        }
    }
}
