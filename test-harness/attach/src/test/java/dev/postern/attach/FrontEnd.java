package dev.postern.attach;

import dev.postern.machine.Channel;
import dev.postern.machine.ChannelConnection;
import dev.postern.machine.ChannelException;
import dev.postern.machine.Doorbell;
import dev.postern.machine.Latch;
import dev.postern.machine.Machine;
import dev.postern.machine.RamRegion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;

/**
 * As much of vhost-user and of a split ring as it takes to read a sector: from QEMU's docs/interop/vhost-user.rst and the specification
 * of virtio (2.7, 5.2), for tests of the machine. Addresses of the ring are guest-physical ones.
 */
final class FrontEnd implements AutoCloseable {

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private static final int GET_FEATURES = 1;
    private static final int SET_FEATURES = 2;
    private static final int SET_OWNER = 3;
    private static final int SET_MEM_TABLE = 5;
    private static final int SET_VRING_NUM = 8;
    private static final int SET_VRING_ADDR = 9;
    private static final int SET_VRING_BASE = 10;
    private static final int SET_VRING_KICK = 12;
    private static final int SET_VRING_CALL = 13;
    private static final int GET_PROTOCOL_FEATURES = 15;
    private static final int SET_PROTOCOL_FEATURES = 16;
    private static final int SET_VRING_ENABLE = 18;

    private static final int VERSION = 1;
    private static final int NEED_REPLY = 8;
    private static final long REPLY_ACK = 1 << 3;
    private static final long CONFIG = 1 << 9;
    private static final long VERSION_1 = 1L << 32;
    private static final long PROTOCOL_FEATURES = 1L << 30;

    private static final int ENTRIES = 8;
    private static final long DESCRIPTORS = 0;
    private static final long AVAILABLE = 0x1000;
    private static final long USED = 0x2000;
    private static final long HEADER = 0x3000;
    private static final long STATUS = 0x3100;
    private static final long DATA = 0x4000;

    private final Machine machine;
    private final RamRegion ram;
    private final ChannelConnection connection;
    private final Doorbell kick;
    private final Latch call;
    private final long features;
    private int requests;

    /** Connects, gives the machine's shareable RAM and starts one queue. */
    FrontEnd(Machine machine, Channel channel) throws ChannelException {
        this.machine = machine;
        ram = machine.shareableRam().getFirst();
        connection = channel.connect(LIMIT);
        kick = channel.doorbell();
        call = channel.latch();
        ram.segment().asSlice(0, DATA).fill((byte) 0);
        features = ask(GET_FEATURES);
        ask(GET_PROTOCOL_FEATURES);
        tell(SET_PROTOCOL_FEATURES, longs(REPLY_ACK | CONFIG));
        tell(SET_OWNER, bytes(0));
        tell(SET_FEATURES, longs(VERSION_1 | PROTOCOL_FEATURES));
        giveMemory();
        startQueue();
    }

    private static ByteBuffer bytes(int count) {
        return ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static ByteBuffer longs(long value) {
        return bytes(8).putLong(value).flip();
    }

    private static ByteBuffer ints(int... values) {
        ByteBuffer all = bytes(4 * values.length);
        for (int value : values) {
            all.putInt(value);
        }
        return all.flip();
    }

    private static long soon() {
        return System.nanoTime() + LIMIT.toNanos();
    }

    private void giveMemory() throws ChannelException {
        RamRegion.Backing backing = ram.backing().orElseThrow();
        ByteBuffer table = bytes(8 + 32)
                .putInt(1)
                .putInt(0)
                .putLong(ram.basePa())
                .putLong(ram.size())
                .putLong(ram.basePa())
                .putLong(backing.offsetBytes())
                .flip();
        send(SET_MEM_TABLE, VERSION | NEED_REPLY, table, backing.descriptor());
        long failed = reply(SET_MEM_TABLE).getLong();
        if (failed != 0) {
            throw new AssertionError("the back-end refuses the memory");
        }
    }

    private void startQueue() throws ChannelException {
        tell(SET_VRING_NUM, ints(0, ENTRIES));
        tell(SET_VRING_BASE, ints(0, 0));
        tell(
                SET_VRING_ADDR,
                bytes(40)
                        .putInt(0)
                        .putInt(0)
                        .putLong(ram.basePa() + DESCRIPTORS)
                        .putLong(ram.basePa() + USED)
                        .putLong(ram.basePa() + AVAILABLE)
                        .putLong(0)
                        .flip());
        send(SET_VRING_CALL, VERSION, longs(0), call.descriptor());
        send(SET_VRING_KICK, VERSION, longs(0), kick.descriptor());
        tell(SET_VRING_ENABLE, ints(0, 1));
    }

    private void send(int request, int flags, ByteBuffer payload, int... descriptors) throws ChannelException {
        ByteBuffer message = bytes(12 + payload.remaining())
                .putInt(request)
                .putInt(flags)
                .putInt(payload.remaining())
                .put(payload)
                .flip();
        connection.send(message, descriptors, soon());
    }

    private void tell(int request, ByteBuffer payload) throws ChannelException {
        send(request, VERSION, payload);
    }

    private long ask(int request) throws ChannelException {
        tell(request, bytes(0));
        return reply(request).getLong();
    }

    private ByteBuffer reply(int request) throws ChannelException {
        ByteBuffer header = bytes(12);
        connection.receive(header, soon());
        header.flip();
        if (header.getInt() != request) {
            throw new AssertionError("an answer to another request");
        }
        header.getInt();
        ByteBuffer payload = bytes(header.getInt());
        connection.receive(payload, soon());
        return payload.flip();
    }

    /** What the back-end offers. */
    long features() {
        return features;
    }

    ChannelConnection connection() {
        return connection;
    }

    Latch call() {
        return call;
    }

    /** Puts a request for a sector into the ring and rings; its 512 bytes come to {@link #data()}. */
    void submitRead(long sector) {
        MemorySegment memory = ram.segment();
        memory.set(INT, HEADER, 0);
        memory.set(LONG, HEADER + 8, sector);
        memory.set(ValueLayout.JAVA_BYTE, STATUS, (byte) 0xee);
        descriptor(0, HEADER, 16, 1, 1);
        descriptor(1, DATA, 512, 3, 2);
        descriptor(2, STATUS, 1, 2, 0);
        memory.set(SHORT, AVAILABLE + 4 + 2 * (requests % ENTRIES), (short) 0);
        VarHandle.releaseFence();
        requests++;
        memory.set(SHORT, AVAILABLE + 2, (short) requests);
        kick.ring();
    }

    private void descriptor(int index, long offset, int length, int flags, int next) {
        MemorySegment memory = ram.segment();
        long at = DESCRIPTORS + 16L * index;
        memory.set(LONG, at, ram.basePa() + offset);
        memory.set(INT, at + 8, length);
        memory.set(SHORT, at + 12, (short) flags);
        memory.set(SHORT, at + 14, (short) next);
    }

    /** Whether all requests are answered. */
    boolean answered() {
        boolean all = (ram.segment().get(SHORT, USED + 2) & 0xffff) == requests;
        VarHandle.acquireFence();
        return all;
    }

    /** Halts until all requests are answered, the other side hangs up or time is over. */
    boolean awaitAnswer() {
        long deadline = soon();
        while (!answered() && !connection.hungUp() && machine.cpu().nanoTime() < deadline) {
            machine.cpu().halt(deadline);
        }
        return answered();
    }

    /** Reads a sector. */
    byte[] read(long sector) {
        submitRead(sector);
        if (!awaitAnswer() || ram.segment().get(ValueLayout.JAVA_BYTE, STATUS) != 0) {
            throw new AssertionError("sector %d was not read".formatted(sector));
        }
        return data();
    }

    byte[] data() {
        return ram.segment().asSlice(DATA, 512).toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public void close() {
        connection.close();
        call.close();
        kick.close();
    }
}
