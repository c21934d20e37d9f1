package dev.postern.lab.backend;

import dev.postern.os.EventDescriptor;
import dev.postern.os.MemoryFile;
import dev.postern.os.UnixStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A front-end by hand, with one request at a time: what shows that a back-end serves and judges before any driver meets it. */
final class PokedFrontEnd implements AutoCloseable {

    static final long GUEST = 0x1_4000_0000L;
    static final long BYTES = 1 << 20;
    static final int SIZE = 16;

    private static final long USER = 0x7f12_0000_0000L;
    private static final long DESCRIPTORS = 0;
    private static final long AVAILABLE = 0x1000;
    private static final long USED = 0x2000;
    private static final long HEADER = 0x3000;
    private static final long STATUS = 0x3800;
    private static final long DATA = 0x4000;
    private static final long TABLE = 0x8000;
    private static final long PATIENCE = 5_000_000_000L;

    final MemoryFile memory;
    final EventDescriptor kick = EventDescriptor.create();
    final EventDescriptor call = EventDescriptor.create();
    final EventDescriptor error = EventDescriptor.create();
    final UnixStream stream;
    private boolean packed;
    private boolean indirect;
    private int next;
    private int wrap = 1;

    PokedFrontEnd(Path socket) throws IOException {
        stream = UnixStream.connect(socket, Duration.ofSeconds(5));
        memory = MemoryFile.create("postern-poked", BYTES);
    }

    // ---- messages

    static ByteBuffer payload(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
    }

    static byte[] number(long value) {
        return payload(8).putLong(value).array();
    }

    static byte[] pair(int one, int other) {
        return payload(8).putInt(one).putInt(other).array();
    }

    byte[] table() {
        return payload(40).putInt(1).putInt(0).put(region()).array();
    }

    byte[] region() {
        return payload(32)
                .putLong(GUEST)
                .putLong(BYTES)
                .putLong(USER)
                .putLong(0)
                .array();
    }

    byte[] addresses() {
        return payload(40)
                .putInt(0)
                .putInt(0)
                .putLong(USER + DESCRIPTORS)
                .putLong(USER + USED)
                .putLong(USER + AVAILABLE)
                .putLong(0)
                .array();
    }

    void send(int request, int flags, byte[] payload, int... descriptors) throws IOException {
        ByteBuffer whole = payload(12 + payload.length)
                .putInt(request)
                .putInt(flags)
                .putInt(payload.length)
                .put(payload)
                .flip();
        stream.send(whole, descriptors, System.nanoTime() + PATIENCE);
    }

    void send(MessageKind kind, byte[] payload, int... descriptors) throws IOException {
        send(kind.id(), 1, payload, descriptors);
    }

    /** Asks, and gives the payload of the answer. */
    ByteBuffer ask(MessageKind kind, byte[] payload) throws IOException {
        send(kind, payload);
        return answer();
    }

    ByteBuffer answer() throws IOException {
        ByteBuffer header = payload(12);
        stream.receive(header, System.nanoTime() + PATIENCE);
        ByteBuffer payload = payload(header.getInt(8));
        if (payload.hasRemaining()) {
            stream.receive(payload, System.nanoTime() + PATIENCE);
        }
        return payload;
    }

    long ask(MessageKind kind) throws IOException {
        return ask(kind, new byte[0]).getLong(0);
    }

    /** Asks for an acknowledgement, and gives it. */
    long acknowledged(MessageKind kind, byte[] payload, int... descriptors) throws IOException {
        send(kind.id(), 9, payload, descriptors);
        return answer().getLong(0);
    }

    /** All that comes before the first request, as it should be. */
    void bringUp(DeviceFeature... withheld) throws IOException {
        long features = ask(MessageKind.GET_FEATURES);
        for (DeviceFeature feature : withheld) {
            features &= ~feature.mask();
        }
        packed = DeviceFeature.RING_PACKED.in(features);
        indirect = DeviceFeature.INDIRECT_DESC.in(features);
        send(MessageKind.SET_PROTOCOL_FEATURES, number(ask(MessageKind.GET_PROTOCOL_FEATURES)));
        ask(MessageKind.GET_QUEUE_NUM);
        send(MessageKind.SET_OWNER, new byte[0]);
        send(MessageKind.SET_FEATURES, number(features));
        send(MessageKind.SET_MEM_TABLE, table(), memory.descriptor());
        setUpRing();
    }

    /** Goes on with the memory, the ring and the area of another one, whose connection has ended. */
    void bringUpOver(PokedFrontEnd other, byte[] area, int areaDescriptor) throws IOException {
        long features = ask(MessageKind.GET_FEATURES);
        send(MessageKind.SET_PROTOCOL_FEATURES, number(ask(MessageKind.GET_PROTOCOL_FEATURES)));
        send(MessageKind.SET_OWNER, new byte[0]);
        send(MessageKind.SET_FEATURES, number(features));
        send(MessageKind.SET_MEM_TABLE, table(), other.memory.descriptor());
        send(MessageKind.SET_INFLIGHT_FD, area, areaDescriptor);
        send(MessageKind.SET_VRING_NUM, pair(0, SIZE));
        send(MessageKind.SET_VRING_BASE, pair(0, other.usedIndex()));
        send(MessageKind.SET_VRING_ADDR, addresses());
        send(MessageKind.SET_VRING_CALL, number(0), other.call.descriptor());
        send(MessageKind.SET_VRING_KICK, number(0), other.kick.descriptor());
        send(MessageKind.SET_VRING_ENABLE, pair(0, 1));
        other.kick.ring();
    }

    void setUpRing() throws IOException {
        send(MessageKind.SET_VRING_NUM, pair(0, SIZE));
        send(MessageKind.SET_VRING_BASE, pair(0, packed ? PackedDeviceRing.FRESH : 0));
        send(MessageKind.SET_VRING_ADDR, addresses());
        send(MessageKind.SET_VRING_CALL, number(0), call.descriptor());
        send(MessageKind.SET_VRING_ERR, number(0), error.descriptor());
        send(MessageKind.SET_VRING_KICK, number(0), kick.descriptor());
        send(MessageKind.SET_VRING_ENABLE, pair(0, 1));
    }

    // ---- requests

    private MemorySegment bytes() {
        return memory.segment();
    }

    /** Where data are, for a request whose address is wrong to be made from. */
    static long dataGuest() {
        return GUEST + DATA;
    }

    /** Puts a request into the ring and kicks. */
    void submit(int type, long sector, byte[] out, int in, long dataGuest) {
        bytes().set(ValueLayout.JAVA_INT, HEADER, type);
        bytes().set(ValueLayout.JAVA_LONG, HEADER + 8, sector);
        bytes().set(ValueLayout.JAVA_BYTE, STATUS, (byte) 0xee);
        MemorySegment.copy(MemorySegment.ofArray(out), 0, bytes(), DATA, out.length);
        int data = out.length + in;
        List<long[]> parts = data == 0
                ? List.of(new long[] {GUEST + HEADER, 16, 0}, new long[] {GUEST + STATUS, 1, 2})
                : List.of(new long[] {GUEST + HEADER, 16, 0}, new long[] {dataGuest, data, in > 0 ? 2 : 0}, new long[] {
                    GUEST + STATUS, 1, 2
                });
        if (indirect) {
            for (int i = 0; i < parts.size(); i++) {
                int link = packed || i == parts.size() - 1 ? 0 : 1;
                describe(TABLE + 16L * i, parts.get(i), link, packed ? 0 : i + 1);
            }
            parts = List.of(new long[] {GUEST + TABLE, 16L * parts.size(), 4});
        }
        if (packed) {
            offerPacked(parts);
        } else {
            offerSplit(parts);
        }
        VarHandle.fullFence();
        kick.ring();
    }

    private void describe(long at, long[] part, int flags, int tail) {
        bytes().set(ValueLayout.JAVA_LONG, at, part[0]);
        bytes().set(ValueLayout.JAVA_INT, at + 8, (int) part[1]);
        bytes().set(ValueLayout.JAVA_SHORT, at + 12, (short) (packed ? tail : part[2] | flags));
        bytes().set(ValueLayout.JAVA_SHORT, at + 14, (short) (packed ? part[2] | flags : tail));
    }

    private void offerSplit(List<long[]> parts) {
        // With EVENT_IDX: a call at the next used element.
        bytes().set(ValueLayout.JAVA_SHORT, AVAILABLE + 4 + 2L * SIZE, (short) usedIndex());
        for (int i = 0; i < parts.size(); i++) {
            describe(DESCRIPTORS + 16L * i, parts.get(i), i == parts.size() - 1 ? 0 : 1, i + 1);
        }
        bytes().set(ValueLayout.JAVA_SHORT, AVAILABLE + 4 + 2L * (next % SIZE), (short) 0);
        next++;
        VarHandle.releaseFence();
        bytes().set(ValueLayout.JAVA_SHORT, AVAILABLE + 2, (short) next);
    }

    /** From the last descriptor to the first, whose flags make all of them available. */
    private void offerPacked(List<long[]> parts) {
        int[] slots = new int[parts.size()];
        int[] laps = new int[parts.size()];
        for (int i = 0; i < parts.size(); i++) {
            slots[i] = next;
            laps[i] = wrap == 1 ? 1 << 7 : 1 << 15;
            if (++next == SIZE) {
                next = 0;
                wrap ^= 1;
            }
        }
        for (int i = parts.size() - 1; i >= 0; i--) {
            VarHandle.releaseFence();
            describe(DESCRIPTORS + 16L * slots[i], parts.get(i), laps[i] | (i == parts.size() - 1 ? 0 : 1), 7);
        }
    }

    /** Waits for a call; false when none came. */
    boolean called(Duration limit) {
        return call.await(System.nanoTime() + limit.toNanos());
    }

    /** Submits, waits, and gives the status. */
    int request(int type, long sector, byte[] out, int in) {
        submit(type, sector, out, in, dataGuest());
        if (!called(Duration.ofSeconds(5))) {
            throw new AssertionError("no call");
        }
        return bytes().get(ValueLayout.JAVA_BYTE, STATUS);
    }

    byte[] data(int length) {
        return bytes().asSlice(DATA, length).toArray(ValueLayout.JAVA_BYTE);
    }

    int usedIndex() {
        return bytes().get(ValueLayout.JAVA_SHORT, USED + 2) & 0xffff;
    }

    @Override
    public void close() {
        stream.close();
        kick.close();
        call.close();
        error.close();
        memory.close();
    }
}
