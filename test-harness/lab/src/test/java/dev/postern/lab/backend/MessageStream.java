package dev.postern.lab.backend;

import dev.postern.os.MemoryFile;
import dev.postern.os.OpenDescriptors;
import dev.postern.os.UnixStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** The back-end's end of the stream, in messages. Used by one thread. */
final class MessageStream {

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int MOST_PAYLOAD = 4096;
    private static final int[] NONE = {};

    /** What a number is that says 2 GiB to who takes it for unsigned. */
    private static final int HUGE = 0x8000_0000;

    private static final long LARGE = 1 << 30;

    private final UnixStream stream;

    MessageStream(UnixStream stream) {
        this.stream = stream;
    }

    /** Whether a message is there, or the beginning of one. */
    boolean hasArrivals() {
        return stream.hasArrivals();
    }

    boolean hungUp() {
        return stream.hungUp();
    }

    /**
     * Receives one; empty when the front-end hung up between two.
     *
     * @throws PanicException when it is longer than any can be
     */
    Optional<Message> receive() throws IOException, PanicException {
        if (hungUp()) {
            return Optional.empty();
        }
        ByteBuffer header = ByteBuffer.allocate(Message.HEADER).order(ByteOrder.nativeOrder());
        int[] descriptors = stream.receive(header, deadline());
        int size = header.getInt(8);
        if (size < 0 || size > MOST_PAYLOAD) {
            Arrays.stream(descriptors).forEach(OpenDescriptors::close);
            throw new PanicException("a payload of %s bytes".formatted(Integer.toUnsignedString(size)));
        }
        ByteBuffer payload = ByteBuffer.allocate(size);
        if (size > 0) {
            int[] late = stream.receive(payload, deadline());
            descriptors = IntStream.concat(Arrays.stream(descriptors), Arrays.stream(late))
                    .toArray();
        }
        return Optional.of(new Message(
                header.getInt(0),
                header.getInt(4),
                payload.flip(),
                Arrays.stream(descriptors).boxed().toList()));
    }

    private static long deadline() {
        return System.nanoTime() + PATIENCE.toNanos();
    }

    /** What answers a message, before anything is done wrong with it. */
    record Reply(int request, byte[] payload, int[] descriptors) {

        Reply(int request, byte[] payload) {
            this(request, payload, NONE);
        }
    }

    void send(Reply reply) throws IOException {
        send(header(reply.request(), Message.VERSION | Message.REPLY, reply.payload().length), reply);
    }

    private static byte[] header(int request, int flags, int size) {
        return ByteBuffer.allocate(Message.HEADER)
                .order(ByteOrder.nativeOrder())
                .putInt(request)
                .putInt(flags)
                .putInt(size)
                .array();
    }

    private void send(byte[] header, Reply reply) throws IOException {
        ByteBuffer whole = ByteBuffer.allocate(header.length + reply.payload().length);
        whole.put(header).put(reply.payload()).flip();
        stream.send(whole, reply.descriptors(), deadline());
    }

    /** Sends it, and does one thing wrong with it. */
    void send(Reply reply, MessageDeed deed) throws IOException {
        int request = reply.request();
        byte[] payload = reply.payload();
        int right = Message.VERSION | Message.REPLY;
        switch (deed) {
            case HANG_UP_IN_HEADER -> sendPart(reply, Message.HEADER / 2);
            case HANG_UP_IN_REPLY, HALF_REPLY -> sendPart(reply, Message.HEADER + payload.length / 2);
            case OVERSIZED -> send(header(request, right, HUGE), reply);
            case NEGATIVE_SIZE -> send(header(request, right, -1), reply);
            case UNDERSIZED -> send(cut(reply, payload.length - 1));
            case EMPTY -> send(cut(reply, 0));
            case TOO_LONG -> send(cut(reply, payload.length + 8));
            case WRONG_VERSION -> send(header(request, right & ~Message.VERSION_MASK | 2, payload.length), reply);
            case NO_REPLY_FLAG -> send(header(request, Message.VERSION, payload.length), reply);
            case OTHER_REQUEST -> send(header(request + 1, right, payload.length), reply);
            case TWICE -> {
                send(reply);
                send(reply);
            }
            case NACK, ALL_ONES -> {
                byte[] ones = new byte[payload.length];
                Arrays.fill(ones, (byte) -1);
                send(new Reply(request, ones, reply.descriptors()));
            }
            case EXTRA_DESCRIPTOR ->
                withDescriptor(extra -> send(new Reply(
                        request,
                        payload,
                        IntStream.concat(Arrays.stream(reply.descriptors()), IntStream.of(extra))
                                .toArray())));
            case MANY_DESCRIPTORS ->
                withDescriptor(extra -> {
                    int[] many = new int[UnixStream.MOST_DESCRIPTORS];
                    Arrays.fill(many, extra);
                    send(new Reply(request, payload, many));
                });
            case NO_DESCRIPTOR -> send(new Reply(request, payload));
            case SMALL_FILE -> {
                byte[] large = payload.clone();
                ByteBuffer.wrap(large).order(ByteOrder.nativeOrder()).putLong(0, LARGE);
                withDescriptor(extra -> send(new Reply(request, large, new int[] {extra})));
            }
            case HANG_UP_BEFORE, HANG_UP_AFTER, SILENCE, SHRINK_MEMORY -> send(reply);
        }
    }

    private static Reply cut(Reply reply, int length) {
        return new Reply(reply.request(), Arrays.copyOf(reply.payload(), length), reply.descriptors());
    }

    private void sendPart(Reply reply, int bytes) throws IOException {
        ByteBuffer whole = ByteBuffer.allocate(Message.HEADER + reply.payload().length);
        whole.put(header(reply.request(), Message.VERSION | Message.REPLY, reply.payload().length));
        whole.put(reply.payload()).flip().limit(bytes);
        stream.send(whole, reply.descriptors(), deadline());
    }

    /** Something that can be done with a descriptor. */
    @FunctionalInterface
    private interface WithDescriptor {
        void run(int descriptor) throws IOException;
    }

    /** One of a file of a single page. */
    private static void withDescriptor(WithDescriptor action) throws IOException {
        try (MemoryFile file = MemoryFile.create("postern-script", 4096)) {
            action.run(file.descriptor());
        }
    }

    /** Sends bytes as they are, over a stream that the front-end gave. */
    static void sendRaw(UnixStream stream, byte[] bytes, List<Integer> descriptors) throws IOException {
        stream.send(
                ByteBuffer.wrap(bytes),
                descriptors.stream().mapToInt(Integer::intValue).toArray(),
                deadline());
    }

    /** The first half of a header, or a whole one, as bytes. */
    static byte[] rawHeader(int request, int flags, int size) {
        return header(request, flags, size);
    }

    static int hugeSize() {
        return HUGE;
    }

    void close() {
        stream.close();
    }

    int descriptor() {
        return stream.descriptor();
    }
}
