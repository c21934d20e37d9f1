package dev.postern.lab.backend;

import dev.postern.os.DescriptorSet;
import dev.postern.os.EventDescriptor;
import dev.postern.os.MemoryFile;
import dev.postern.os.OpenDescriptors;
import dev.postern.os.Readiness;
import dev.postern.os.UnixStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * One connection of a front-end, from the first message to the end of the stream. Used by one thread, the back-end's; what another one
 * wants is asked through {@link ScriptedBackend}.
 */
final class BackendSession implements AutoCloseable {

    private static final long TURN_NANOS = 20_000_000;
    private static final long POLL_NANOS = 200_000;
    private static final int[] NONE = {};

    /** How a connection ended. */
    private static final class HangUp extends Exception {

        private static final long serialVersionUID = 1;

        HangUp() {
            super("hung up", null, false, false);
        }
    }

    /** A request that is served later. */
    private record Held(RingState ring, Chain chain) {}

    private final int number;
    private final Offer offer;
    private final DiskMemory disk;
    private final Script.Cursor script;
    private final BackendDiary diary;
    private final Random random;
    private final MessageStream stream;
    private final DescriptorSet waits;
    private final Readiness arrivals;
    private final FrontEndRules rules;
    private final DiskConfiguration configuration;
    private final MemoryTable table = new MemoryTable();
    private final List<RingState> rings = new ArrayList<>();
    private final List<Held> held = new ArrayList<>();
    private final List<MemoryFile> handedOut = new ArrayList<>();
    private int messages;
    private long features;
    private long protocol;
    private long status;
    private boolean stalled;
    private boolean silent;
    private BlockServer server;
    private InflightArea inflight;
    private BackendChannel channel;
    private Readiness channelArrivals;

    BackendSession(
            int number,
            UnixStream stream,
            Offer offer,
            DiskMemory disk,
            Script script,
            BackendDiary diary,
            DescriptorSet waits,
            long seed)
            throws IOException {
        this.number = number;
        this.offer = offer;
        this.disk = disk;
        this.script = script.cursor(number);
        this.diary = diary;
        this.waits = waits;
        this.stream = new MessageStream(stream);
        random = new Random(seed + number);
        arrivals = waits.add(stream.descriptor());
        rules = new FrontEndRules(offer, this::complain);
        configuration = new DiskConfiguration(offer);
        for (int i = 0; i < offer.queues(); i++) {
            rings.add(new RingState(i));
        }
    }

    private void complain(String what) {
        diary.violation("connection %d, message %d (%s): %s".formatted(number, messages, diary.last(number), what));
    }

    private void complainOfData(String what) {
        diary.violation("connection %d, data: %s".formatted(number, what));
    }

    /** Serves until the stream ends, the script hangs up, or the back-end is closed. */
    void serve(ScriptedBackend owner) {
        try {
            while (!owner.closed()) {
                Optional<ScriptedBackend.Wish> wish = owner.nextWish();
                if (wish.isPresent()) {
                    fulfil(wish.get());
                }
                if (!turn()) {
                    part(owner);
                    return;
                }
                waits.await(System.nanoTime() + (polls() ? POLL_NANOS : TURN_NANOS));
            }
        } catch (HangUp e) {
            diary.note("connection %d: hung up by the script".formatted(number));
        } catch (PanicException e) {
            diary.panic("connection %d: %s".formatted(number, e.getMessage()));
        } catch (IOException e) {
            diary.note("connection %d: %s".formatted(number, e.getMessage()));
        }
    }

    /** The front-end has said that it is done: rings stop, and memory is let go of before the stream is closed. */
    private void part(ScriptedBackend owner) {
        diary.note("connection %d: the front-end is done".formatted(number));
        if (offer.farewell() == Offer.Farewell.NEVER) {
            owner.awaitClosing();
        }
    }

    private boolean polls() {
        return rings.stream().anyMatch(ring -> ring.polled && ring.enabled);
    }

    /** Does what there is to do. False when the front-end has closed its side. */
    private boolean turn() throws IOException, PanicException, HangUp {
        arrivals.take();
        if (!silent) {
            while (stream.hasArrivals()) {
                Optional<Message> message = stream.receive();
                if (message.isEmpty()) {
                    return false;
                }
                arrived(message.get());
            }
        }
        if (stream.hungUp()) {
            return false;
        }
        if (channel != null) {
            channelArrivals.take();
            channel.receive();
            diary.answers(channel.answers());
        }
        for (RingState ring : rings) {
            if (ring.kicked != null && ring.kicked.take()) {
                diary.kick();
                start(ring);
            }
            if (ring.started() && ring.enabled) {
                serve(ring);
            }
        }
        return true;
    }

    private void fulfil(ScriptedBackend.Wish wish) throws IOException, PanicException, HangUp {
        switch (wish) {
            case ScriptedBackend.Wish.Capacity(long sectors) -> {
                configuration.capacity(sectors);
                if (channel != null) {
                    channel.tellConfigChange(ProtocolFeature.REPLY_ACK.in(protocol));
                }
            }
            case ScriptedBackend.Wish.GoOn() -> {
                stalled = false;
                List<Held> now = List.copyOf(held);
                held.clear();
                for (Held one : now) {
                    answer(one.ring(), one.chain(), Optional.empty());
                    call(one.ring());
                }
            }
            case ScriptedBackend.Wish.HangUp() -> throw new HangUp();
        }
    }

    // ---- messages

    private void arrived(Message message) throws IOException, PanicException, HangUp {
        diary.message(number, message.toString());
        Optional<MessageDeed> deed = script.message(message.kind());
        if (deed.equals(Optional.of(MessageDeed.HANG_UP_BEFORE))) {
            message.descriptors().forEach(OpenDescriptors::close);
            throw new HangUp();
        }
        Taken descriptors = new Taken(new ArrayList<>(message.descriptors()));
        Optional<MessageStream.Reply> reply = Optional.empty();
        try {
            boolean right = rules.check(message);
            if (right) {
                deed.filter(MessageDeed.SHRINK_MEMORY::equals).ifPresent(_ -> shrink(message.descriptors()));
                reply = carryOut(message, descriptors);
            }
            if (reply.isEmpty() && message.needsReply() && ProtocolFeature.REPLY_ACK.in(protocol)) {
                reply = Optional.of(number(message.request(), right ? 0 : 1));
            }
        } finally {
            descriptors.closeAll();
        }
        messages++;
        send(reply, deed);
    }

    private void send(Optional<MessageStream.Reply> reply, Optional<MessageDeed> deed) throws IOException, HangUp {
        if (deed.isEmpty()) {
            if (reply.isPresent()) {
                stream.send(reply.get());
            }
            return;
        }
        if (deed.get() == MessageDeed.SILENCE) {
            silent = true;
            return;
        }
        if (reply.isPresent()) {
            stream.send(reply.get(), deed.get());
        }
        switch (deed.get()) {
            case HANG_UP_AFTER, HANG_UP_IN_REPLY, HANG_UP_IN_HEADER -> throw new HangUp();
            case HALF_REPLY, OVERSIZED, NEGATIVE_SIZE -> silent = reply.isPresent();
            default -> {}
        }
    }

    /** Descriptors that came with a message: whoever keeps one takes it, the rest are closed. */
    private static final class Taken {

        private final List<Integer> left;

        Taken(List<Integer> left) {
            this.left = left;
        }

        int take() {
            return left.removeFirst();
        }

        boolean isEmpty() {
            return left.isEmpty();
        }

        void closeAll() {
            left.forEach(OpenDescriptors::close);
        }
    }

    private static MessageStream.Reply number(int request, long value) {
        return new MessageStream.Reply(
                request,
                ByteBuffer.allocate(Long.BYTES)
                        .order(ByteOrder.nativeOrder())
                        .putLong(value)
                        .array());
    }

    private Optional<MessageStream.Reply> carryOut(Message message, Taken descriptors)
            throws IOException, PanicException {
        ByteBuffer payload = message.payload();
        MessageKind kind = message.kind().orElseThrow();
        int request = message.request();
        switch (kind) {
            case GET_FEATURES -> {
                return Optional.of(number(request, offer.featureBits()));
            }
            case GET_PROTOCOL_FEATURES -> {
                return Optional.of(number(request, offer.protocolBits()));
            }
            case GET_QUEUE_NUM -> {
                return Optional.of(number(request, offer.queuesTold()));
            }
            case GET_MAX_MEM_SLOTS -> {
                return Optional.of(number(request, offer.memorySlots()));
            }
            case GET_STATUS -> {
                return Optional.of(number(request, status));
            }
            case SET_STATUS -> {
                status = payload.getLong(0);
                if (status == 0) {
                    resetDevice();
                }
            }
            case SET_FEATURES -> setFeatures(payload.getLong(0));
            case SET_PROTOCOL_FEATURES -> protocol = payload.getLong(0);
            case SET_OWNER, RESET_OWNER -> {}
            case RESET_DEVICE -> resetDevice();
            case SET_MEM_TABLE -> {
                table.clear();
                for (int at = 8; at < payload.limit(); at += 32) {
                    map(payload, at, descriptors.take());
                }
            }
            case ADD_MEM_REG -> map(payload, 8, descriptors.take());
            case REM_MEM_REG ->
                table.regions().stream()
                        .filter(region -> region.is(payload.getLong(8), payload.getLong(16), payload.getLong(24)))
                        .findFirst()
                        .ifPresent(table::remove);
            case SET_VRING_NUM -> ring(message).size = payload.getInt(4);
            case SET_VRING_BASE -> ring(message).base = payload.getInt(4);
            case SET_VRING_ADDR -> {
                RingState ring = ring(message);
                ring.addresses = new RingState.Addresses(payload.getLong(8), payload.getLong(16), payload.getLong(24));
                // Where they do not lie in memory that was given, it is better known now than at the first kick.
                open(ring, DeviceFeature.RING_PACKED.in(features) ? PackedDeviceRing.FRESH : 0);
            }
            case GET_VRING_BASE -> {
                return Optional.of(stop(message));
            }
            case SET_VRING_KICK -> setKick(ring(message), descriptors);
            case SET_VRING_CALL -> {
                RingState ring = ring(message);
                ring.closeCall();
                if (!descriptors.isEmpty()) {
                    ring.call = EventDescriptor.adopt(descriptors.take());
                }
            }
            case SET_VRING_ERR -> {
                RingState ring = ring(message);
                ring.closeError();
                if (!descriptors.isEmpty()) {
                    ring.error = EventDescriptor.adopt(descriptors.take());
                }
            }
            case SET_VRING_ENABLE -> ring(message).enabled = payload.getInt(4) == 1;
            case SET_BACKEND_REQ_FD -> {
                closeChannel();
                UnixStream theirs = UnixStream.over(descriptors.take());
                channel = new BackendChannel(theirs, this::complain);
                channelArrivals = waits.add(theirs.descriptor());
            }
            case GET_CONFIG -> {
                return Optional.of(config(message));
            }
            case SET_CONFIG -> configuration.writeback(payload.get(12));
            case GET_INFLIGHT_FD -> {
                return Optional.of(newInflight(message));
            }
            case SET_INFLIGHT_FD -> setInflight(payload, descriptors.take());
        }
        return Optional.empty();
    }

    private RingState ring(Message message) {
        return rings.get(message.ring());
    }

    private void setFeatures(long bits) {
        features = bits;
        server = new BlockServer(number, disk, offer, features, this::complainOfData);
        if (!DeviceFeature.PROTOCOL_FEATURES.in(bits)) {
            rings.forEach(ring -> ring.enabled = true);
        }
    }

    private void resetDevice() {
        rings.forEach(RingState::reset);
        held.clear();
        stalled = false;
        features = 0;
        status = 0;
    }

    private void map(ByteBuffer payload, int at, int descriptor) throws PanicException {
        long guest = payload.getLong(at);
        long size = payload.getLong(at + 8);
        long user = payload.getLong(at + 16);
        long offset = payload.getLong(at + 24);
        MemoryFile file;
        try {
            file = MemoryFile.map(descriptor, offset, size);
        } catch (IOException e) {
            OpenDescriptors.close(descriptor);
            throw new PanicException("memory at 0x%x cannot be mapped: %s".formatted(guest, e.getMessage()));
        }
        table.add(new TableRegion(guest, size, user, file.segment(), file::close));
        diary.region(guest, size);
        try {
            if (!file.isSealed()) {
                complain("memory at 0x%x is not sealed: a back-end can shrink it under the guest".formatted(guest));
            }
        } catch (IOException e) {
            complain("memory at 0x%x: %s".formatted(guest, e.getMessage()));
        }
    }

    /** What a hostile back-end does to memory that it was given. */
    private void shrink(List<Integer> descriptors) {
        for (int descriptor : descriptors) {
            try (FileChannel file =
                    FileChannel.open(Path.of("/proc/self/fd/" + descriptor), StandardOpenOption.WRITE)) {
                file.truncate(0);
                diary.note("memory shrank to %d bytes".formatted(file.size()));
            } catch (IOException e) {
                diary.note("memory does not shrink: " + e.getMessage());
            }
        }
    }

    private void setKick(RingState ring, Taken descriptors) throws IOException {
        ring.closeKick();
        ring.polled = descriptors.isEmpty();
        if (!ring.polled) {
            ring.kick = EventDescriptor.adopt(descriptors.take());
            ring.kicked = waits.add(ring.kick.descriptor());
        }
    }

    private MessageStream.Reply stop(Message message) {
        RingState ring = ring(message);
        int base = ring.started() ? ring.ring.base() : ring.base == null ? 0 : ring.base;
        held.removeIf(one -> one.ring() == ring);
        ring.stop();
        ring.base = null;
        return new MessageStream.Reply(
                message.request(),
                ByteBuffer.allocate(8)
                        .order(ByteOrder.nativeOrder())
                        .putInt(ring.index)
                        .putInt(base)
                        .array());
    }

    private MessageStream.Reply config(Message message) {
        int offset = message.payload().getInt(0);
        int size = message.payload().getInt(4);
        return new MessageStream.Reply(
                message.request(),
                ByteBuffer.allocate(12 + size)
                        .order(ByteOrder.nativeOrder())
                        .putInt(offset)
                        .putInt(size)
                        .putInt(0)
                        .put(configuration.read(offset, size))
                        .array());
    }

    private MessageStream.Reply newInflight(Message message) throws IOException {
        int queues = message.payload().getShort(16) & 0xffff;
        int size = message.payload().getShort(18) & 0xffff;
        MemoryFile file = InflightArea.create(queues, size);
        handedOut.add(file);
        ByteBuffer answer = ByteBuffer.allocate(message.payload().limit()).order(ByteOrder.nativeOrder());
        answer.putLong(0, file.size());
        answer.putLong(8, 0);
        answer.putShort(16, (short) queues);
        answer.putShort(18, (short) size);
        return new MessageStream.Reply(message.request(), answer.array(), new int[] {file.descriptor()});
    }

    private void setInflight(ByteBuffer payload, int descriptor) throws PanicException {
        int queues = payload.getShort(16) & 0xffff;
        int size = payload.getShort(18) & 0xffff;
        long bytes = payload.getLong(0);
        if (bytes < InflightArea.bytes(queues, size)) {
            OpenDescriptors.close(descriptor);
            throw new PanicException("an area of %d bytes for %d rings of %d".formatted(bytes, queues, size));
        }
        try {
            if (inflight != null) {
                inflight.close();
            }
            inflight = InflightArea.over(MemoryFile.map(descriptor, payload.getLong(8), bytes), size);
        } catch (IOException e) {
            OpenDescriptors.close(descriptor);
            throw new PanicException("the area cannot be mapped: " + e.getMessage());
        }
    }

    // ---- rings

    private DeviceRing open(RingState ring, int base) throws PanicException {
        int size = ring.size;
        RingState.Addresses at = ring.addresses;
        if (DeviceFeature.RING_PACKED.in(features)) {
            return new PackedDeviceRing(
                    table,
                    features,
                    size,
                    table.user("the descriptor ring", at.descriptors(), (long) DeviceRing.DESCRIPTOR * size),
                    table.user("the driver's structure", at.available(), PackedDeviceRing.EVENT_BYTES),
                    table.user("the device's structure", at.used(), PackedDeviceRing.EVENT_BYTES),
                    base);
        }
        return new SplitDeviceRing(
                table,
                features,
                size,
                table.user("the descriptor table", at.descriptors(), (long) DeviceRing.DESCRIPTOR * size),
                table.user("the available ring", at.available(), SplitDeviceRing.availableBytes(size)),
                table.user("the used ring", at.used(), SplitDeviceRing.usedBytes(size)),
                base);
    }

    private void start(RingState ring) throws PanicException, IOException, HangUp {
        if (ring.started()) {
            return;
        }
        rules.ringStarts(ring.index);
        if (ring.size == 0 || ring.addresses == null || ring.base == null) {
            throw new PanicException("ring %d is kicked before it is set up".formatted(ring.index));
        }
        ring.ring = open(ring, ring.base);
        if (ring.ring instanceof SplitDeviceRing split) {
            if (ring.base != split.nextUsed()) {
                complainOfData("ring %d begins at %d, and its used index is %d: requests between are lost or come twice"
                        .formatted(ring.index, ring.base, split.nextUsed()));
            }
        } else if ((ring.base & 0xffff) != ring.base >>> 16) {
            complainOfData("packed ring %d begins at 0x%x: requests between are lost or come twice"
                    .formatted(ring.index, ring.base));
        }
        if (inflight != null && ring.ring instanceof SplitDeviceRing split) {
            for (int head : inflight.begin(ring.index)) {
                diary.note("connection %d: goes on with request %d".formatted(number, head));
                answer(ring, split.again(head), Optional.empty());
            }
            call(ring);
        }
    }

    private void serve(RingState ring) throws PanicException, IOException, HangUp {
        boolean more = true;
        while (more) {
            List<Held> batch = new ArrayList<>();
            List<Optional<DataDeed>> deeds = new ArrayList<>();
            List<Integer> order = new ArrayList<>();
            Optional<Chain> chain = ring.ring.take();
            while (chain.isPresent()) {
                note(ring, chain.get());
                order.add(batch.size());
                batch.add(new Held(ring, chain.get()));
                deeds.add(script.request());
                chain = ring.ring.take();
            }
            Collections.shuffle(order, random);
            for (int at : order) {
                answer(ring, batch.get(at).chain(), deeds.get(at));
            }
            call(ring);
            more = ring.ring.rest();
        }
    }

    private void note(RingState ring, Chain chain) {
        if (inflight != null && ring.ring instanceof SplitDeviceRing) {
            inflight.taken(ring.index, chain.id());
        }
    }

    private void answer(RingState ring, Chain chain, Optional<DataDeed> deed)
            throws PanicException, IOException, HangUp {
        if (deed.equals(Optional.of(DataDeed.STALL))) {
            stalled = true;
        }
        if (stalled) {
            held.add(new Held(ring, chain));
            diary.held(held.size());
            return;
        }
        if (deed.isEmpty()) {
            use(ring, chain, server.serve(chain));
            return;
        }
        switch (deed.get()) {
            case HANG_UP_BEFORE -> throw new HangUp();
            case FORGET -> diary.note("request %d is forgotten".formatted(chain.id()));
            case IO_ERROR -> use(ring, chain, server.fail(chain));
            default -> misuse(ring, chain, server.serve(chain), deed.get());
        }
    }

    private void misuse(RingState ring, Chain chain, BlockServer.Answer answer, DataDeed deed)
            throws IOException, HangUp {
        switch (deed) {
            case HANG_UP_APPLIED -> throw new HangUp();
            case HANG_UP_USED -> {
                use(ring, chain, answer);
                throw new HangUp();
            }
            case NO_CALL -> {
                use(ring, chain, answer);
                ring.ring.callWanted();
            }
            case USE_TWICE -> {
                use(ring, chain, answer);
                use(ring, chain, answer);
            }
            case ID_OUT_OF_RANGE -> ring.ring.use(ring.size + 1, chain.slots(), answer.written());
            case ID_NOT_OUT -> ring.ring.use(chain.id() ^ 1, chain.slots(), answer.written());
            case LENGTH_TOO_LONG -> ring.ring.use(chain.id(), chain.slots(), chain.writableBytes() + 1);
            case LENGTH_ALL_ONES -> ring.ring.use(chain.id(), chain.slots(), 0xffff_ffffL);
            case INDEX_JUMP -> ring.ring.jump(1000);
            case TRIP_ERROR -> {
                if (ring.error == null) {
                    diary.note("no event for errors was given");
                } else {
                    ring.error.ring();
                }
            }
            case UNASKED_REPLY -> {
                stream.send(number(MessageKind.GET_FEATURES.id(), 0));
                use(ring, chain, answer);
            }
            case UNKNOWN_BACKEND_REQUEST,
                    OVERSIZED_BACKEND_REQUEST,
                    HALF_BACKEND_REQUEST,
                    DESCRIPTOR_ON_BACKEND_CHANNEL,
                    CLOSE_BACKEND_CHANNEL -> {
                if (channel == null) {
                    diary.note("no channel of the back-end's own was given");
                } else {
                    channel.misbehave(deed);
                }
                use(ring, chain, answer);
            }
            case STALL, FORGET, HANG_UP_BEFORE, IO_ERROR -> throw new IllegalStateException(deed.toString());
        }
    }

    private void use(RingState ring, Chain chain, BlockServer.Answer answer) {
        answer.changes().forEach(disk::answered);
        ring.ring.use(chain.id(), chain.slots(), answer.written());
        if (inflight != null && ring.ring instanceof SplitDeviceRing) {
            inflight.used(ring.index, chain.id());
        }
        diary.answered();
    }

    private void call(RingState ring) {
        if (ring.started() && ring.ring.callWanted() && ring.call != null) {
            ring.call.ring();
        }
    }

    // ---- end

    private void closeChannel() {
        if (channel != null) {
            channelArrivals.close();
            channel.close();
            channel = null;
        }
    }

    /** Lets go of rings and memory, and then of the stream: its end tells the front-end that nothing is touched any more. */
    @Override
    public void close() {
        rings.forEach(RingState::reset);
        held.clear();
        closeChannel();
        table.clear();
        if (inflight != null) {
            inflight.close();
        }
        handedOut.forEach(MemoryFile::close);
        arrivals.close();
        stream.close();
    }
}
