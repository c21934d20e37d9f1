package dev.postern.virtio.transport.vhostuser;

import dev.postern.machine.Channel;
import dev.postern.machine.ChannelConnection;
import dev.postern.machine.ChannelException;
import dev.postern.machine.Doorbell;
import dev.postern.machine.Latch;
import dev.postern.virtio.fake.SimulatedCpu;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A channel with a back-end behind it, in this thread: it answers as docs/interop/vhost-user.rst says, unless a test puts something in
 * place of an answer. Time passes while it is waited for in vain. What is open is counted.
 */
final class FakeBackEnd implements Channel {

    static final int REPLY_ACK = 3;
    static final int BACKEND_REQ = 5;
    static final int CONFIG = 9;
    static final int INFLIGHT = 12;
    static final int RESET_DEVICE = 13;
    static final int SLOTS = 15;
    static final int STATUS = 16;

    private static final long MOST_WAIT_NANOS = 20_000_000_000L;
    private static final int NEED_REPLY = 8;

    /** What a test puts in place of an answer. */
    @FunctionalInterface
    interface Mischief {
        /** Called when the request was heard; may {@link #say}, {@link #hangUp}, or do nothing. */
        void onRequest(byte[] payload);
    }

    /** A message that was heard. */
    record Heard(int request, byte[] payload, int[] descriptors) {
        ByteBuffer words() {
            return ByteBuffer.wrap(payload).order(ByteOrder.nativeOrder());
        }
    }

    private record Chunk(byte[] bytes, int[] descriptors) {}

    private final SimulatedCpu cpu;
    final List<Heard> heard = new ArrayList<>();
    final Map<Integer, Mischief> instead = new HashMap<>();
    final Set<Object> open = new HashSet<>();
    final List<Integer> closedDescriptors = new ArrayList<>();
    long features = 1L << 32 | 1L << 30;
    long protocol = 1 | 1L << REPLY_ACK | 1L << CONFIG;
    long queues = 2;
    long slots = 8;
    int status;
    byte[] config = new byte[60];
    /** Whether somebody listens. */
    boolean there = true;
    /** Whether it closes its side after ours. */
    boolean letsGo = true;
    /** Whether the machine can stop it. */
    boolean owned;
    /** Whether it takes messages and answers none. */
    boolean stopped;

    int connects;
    int powerCycles;
    private int sessionStart;
    Runnable whenConnected = () -> {};
    private Link main;
    private Link requests;
    private int nextDescriptor = 100;

    FakeBackEnd(SimulatedCpu cpu) {
        this.cpu = cpu;
    }

    // ---- what a test does

    /** Says something on the main stream. */
    void say(byte[] bytes, int... descriptors) {
        main.arrived.add(new Chunk(bytes, descriptors));
        main.trip();
    }

    /** Says something on the stream for requests. */
    void request(byte[] bytes, int... descriptors) {
        requests.arrived.add(new Chunk(bytes, descriptors));
        requests.trip();
    }

    /** Closes its side. */
    void hangUp() {
        main.ended = true;
        main.trip();
    }

    /** The process ends: everything it had is gone. */
    void die() {
        there = false;
        hangUp();
    }

    static byte[] message(int code, int flags, Number... words) {
        ByteBuffer bytes = ByteBuffer.allocate(256).order(ByteOrder.nativeOrder());
        bytes.position(12);
        for (Number word : words) {
            switch (word) {
                case Long l -> bytes.putLong(l);
                case Integer i -> bytes.putInt(i);
                case Short s -> bytes.putShort(s);
                default -> bytes.put(word.byteValue());
            }
        }
        int end = bytes.position();
        bytes.putInt(0, code).putInt(4, flags).putInt(8, end - 12);
        byte[] exact = new byte[end];
        bytes.get(0, exact);
        return exact;
    }

    List<Integer> codes() {
        return heard.stream().map(Heard::request).toList();
    }

    Heard last(int request) {
        return heard.stream()
                .filter(h -> h.request == request)
                .reduce((_, b) -> b)
                .orElseThrow();
    }

    /** What was answered on the stream for requests. */
    List<byte[]> answers() {
        return requests.sent;
    }

    /** Whether it looks at its rings. */
    boolean serving() {
        return there && !stopped && main != null && !main.ended;
    }

    /** The last message of this session about a ring; null when there is none. */
    Heard ofRing(int request, int ring) {
        return heard.subList(sessionStart, heard.size()).stream()
                .filter(h -> h.request == request && (h.words().getInt(0) & 0xff) == ring)
                .reduce((_, b) -> b)
                .orElse(null);
    }

    // ---- the channel

    @Override
    public String name() {
        return "vhost-user fake";
    }

    @Override
    public int deviceKind() {
        return 2;
    }

    @Override
    public ChannelConnection connect(Duration limit) throws ChannelException {
        connects++;
        if (!there) {
            cpu.advance(limit.toNanos());
            throw new ChannelException(
                    ChannelException.Reason.ABSENT, "vhost-user fake: nobody listens: start it", null);
        }
        status = 0;
        main = new Link();
        sessionStart = heard.size();
        whenConnected.run();
        return main;
    }

    @Override
    public StreamPair openPair() {
        requests = new Link();
        int theirs = nextDescriptor++;
        open.add(theirs);
        return new StreamPair(requests, theirs);
    }

    @Override
    public FakeLatch latch() {
        return new FakeLatch();
    }

    @Override
    public Doorbell doorbell() {
        int number = nextDescriptor++;
        Doorbell bell = new Doorbell() {
            @Override
            public int descriptor() {
                return number;
            }

            @Override
            public void ring() {
                // Who looks at rings needs no bell.
            }

            @Override
            public void close() {
                open.remove(this);
            }
        };
        open.add(bell);
        return bell;
    }

    @Override
    public boolean powerCycle(Duration limit) {
        powerCycles++;
        // All connections are closed first, whoever is behind them.
        main.ended = true;
        if (owned) {
            stopped = false;
            there = true;
            letsGo = true;
        }
        return owned;
    }

    @Override
    public String condition() {
        return "it is a fake";
    }

    /** The latch with this descriptor. */
    FakeLatch latchOf(int descriptor) {
        return open.stream()
                .filter(thing -> thing instanceof FakeLatch latch && latch.number == descriptor)
                .map(FakeLatch.class::cast)
                .findFirst()
                .orElseThrow();
    }

    /** An event descriptor. */
    final class FakeLatch implements Latch {
        private final int number = nextDescriptor++;
        boolean tripped;

        FakeLatch() {
            open.add(this);
        }

        @Override
        public int descriptor() {
            return number;
        }

        @Override
        public boolean take() {
            boolean was = tripped;
            tripped = false;
            return was;
        }

        @Override
        public boolean look() {
            return take();
        }

        @Override
        public void close() {
            open.remove(this);
        }
    }

    // ---- answering

    private void hear(byte[] raw, int[] descriptors) {
        ByteBuffer bytes = ByteBuffer.wrap(raw).order(ByteOrder.nativeOrder());
        int request = bytes.getInt(0);
        int flags = bytes.getInt(4);
        byte[] payload = java.util.Arrays.copyOfRange(raw, 12, raw.length);
        require((flags & ~NEED_REPLY) == 1, "flags 0x%x".formatted(flags));
        require(
                bytes.getInt(8) == payload.length,
                "a size of %d for %d bytes".formatted(bytes.getInt(8), payload.length));
        Heard message = new Heard(request, payload, descriptors);
        heard.add(message);
        if (stopped) {
            return;
        }
        Mischief mischief = instead.get(request);
        if (mischief != null) {
            mischief.onRequest(payload);
            return;
        }
        answer(message, (flags & NEED_REPLY) != 0);
    }

    /** Answers what was heard last, as it should be. */
    void answerLast() {
        Heard message = heard.getLast();
        answer(message, (protocol & 1L << REPLY_ACK) != 0 && message.request != 16);
    }

    private void answer(Heard message, boolean acknowledge) {
        switch (message.request) {
            case 1 -> reply(1, features);
            case 15 -> reply(15, protocol);
            case 17 -> reply(17, queues);
            case 36 -> reply(36, slots);
            case 40 -> reply(40, (long) status);
            case 11 -> reply(11, message.words().getInt(0), 0);
            case 24 -> {
                int size = message.words().getInt(4);
                ByteBuffer body = ByteBuffer.allocate(12 + size).order(ByteOrder.nativeOrder());
                body.putInt(0).putInt(size).putInt(0).put(config, 0, size);
                ByteBuffer whole = ByteBuffer.allocate(12 + body.capacity()).order(ByteOrder.nativeOrder());
                whole.putInt(24).putInt(5).putInt(body.capacity()).put(body.flip());
                say(whole.array());
            }
            case 31 -> {
                ByteBuffer wanted = message.words();
                int descriptor = nextDescriptor++;
                open.add(descriptor);
                say(message(31, 5, 4096L, 0L, wanted.getShort(16), wanted.getShort(18), 0), descriptor);
            }
            default -> {
                if (message.request == 39) {
                    status = (int) message.words().getLong();
                }
                if (message.request == 25) {
                    config[message.words().getInt(0)] = message.payload[12];
                }
                if (acknowledge) {
                    reply(message.request, 0L);
                }
            }
        }
    }

    private void reply(int code, Number... words) {
        say(message(code, 5, words));
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError("the front-end broke a rule: " + what);
        }
    }

    /** This side's end of a stream. */
    private final class Link implements ChannelConnection {
        private final Deque<Chunk> arrived = new ArrayDeque<>();
        private final List<byte[]> sent = new ArrayList<>();
        private final FakeLatch latch = new FakeLatch();
        private boolean ended;

        Link() {
            open.add(this);
        }

        void trip() {
            latch.tripped = true;
        }

        @Override
        public void send(ByteBuffer bytes, int[] descriptors, long deadlineNanos) throws ChannelException {
            if (ended) {
                throw new ChannelException(ChannelException.Reason.HUNG_UP, "gone", null);
            }
            byte[] raw = new byte[bytes.remaining()];
            bytes.get(raw);
            sent.add(raw);
            if (this == main) {
                hear(raw, descriptors.clone());
            }
        }

        @Override
        public int[] receive(ByteBuffer into, long deadlineNanos) throws ChannelException {
            List<Integer> descriptors = new ArrayList<>();
            while (into.hasRemaining() && !arrived.isEmpty()) {
                Chunk chunk = arrived.remove();
                for (int descriptor : chunk.descriptors) {
                    descriptors.add(descriptor);
                }
                int take = Math.min(into.remaining(), chunk.bytes.length);
                into.put(chunk.bytes, 0, take);
                if (take < chunk.bytes.length) {
                    arrived.addFirst(
                            new Chunk(java.util.Arrays.copyOfRange(chunk.bytes, take, chunk.bytes.length), new int[0]));
                }
            }
            if (into.hasRemaining()) {
                descriptors.forEach(this::closeDescriptor);
                if (ended) {
                    throw new ChannelException(ChannelException.Reason.HUNG_UP, "gone", null);
                }
                long wait = Math.max(0, deadlineNanos - cpu.nanoTime());
                require(wait <= MOST_WAIT_NANOS, "a wait of %d ns".formatted(wait));
                cpu.advance(wait);
                throw new ChannelException(ChannelException.Reason.TOO_LATE, "late", null);
            }
            return descriptors.stream().mapToInt(Integer::intValue).toArray();
        }

        @Override
        public boolean hasArrivals() {
            return !arrived.isEmpty();
        }

        @Override
        public boolean hungUp() {
            return ended && arrived.isEmpty();
        }

        @Override
        public Latch arrivals() {
            return latch;
        }

        @Override
        public void finish() {
            if (letsGo) {
                ended = true;
            }
        }

        @Override
        public void closeDescriptor(int descriptor) {
            open.remove(descriptor);
            closedDescriptors.add(descriptor);
        }

        @Override
        public void close() {
            latch.close();
            open.remove(this);
        }
    }
}
