package dev.postern.virtio.transport.vhostuser;

import dev.postern.machine.Channel;
import dev.postern.machine.ChannelConnection;
import dev.postern.machine.Cpu;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.ReservedFeatures;
import dev.postern.virtio.transport.vhostuser.VhostUserException.Kind;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;

/**
 * One connection to a back-end, from the first message to the end of the stream.
 *
 * <pre>
 *   open: features, protocol features, owner, how many queues and slots, configuration, the stream for requests
 *   accept: which features hold
 *   start: memory, then the rings
 *   lastWords, then endsBy: rings stopped, our side of the stream closed; theirs follows when they have let go of memory
 * </pre>
 */
final class Session implements AutoCloseable {

    /** "Communication": the bit by which a back-end says that it negotiates protocol features. No virtio feature has it. */
    private static final int PROTOCOL_FEATURES = 30;
    /** vhost's VHOST_F_LOG_ALL, for migration alone. */
    private static final int LOG_ALL = 26;
    /** Messages have 8 bits for the index of a ring. */
    private static final int MOST_RINGS = 256;

    private static final int MOST_QUEUES = 65535;

    /** "VHOST_USER_SET_VRING_BASE" for a packed ring: index 0 and wrap counter 1, of both available and used. */
    private static final int PACKED_BASE = 0x8000_8000;

    private static final int MOST_STATUS = 0xff;

    private final Channel channel;
    private final MessageStream stream;
    private final MemoryTable memory;
    private long offered;
    private ProtocolFeatures protocol = ProtocolFeatures.NONE;
    private int queues = 1;
    private long slots;
    private ConfigSnapshot configuration;
    private Optional<BackEndRequests> requests = Optional.empty();
    private Iotlb translations;
    private long accepted;
    private boolean memoryGiven;
    private List<Ring> started = List.of();

    private Session(Channel channel, MessageStream stream, MemoryTable memory) {
        this.channel = channel;
        this.stream = stream;
        this.memory = memory;
    }

    /**
     * Negotiates over a new connection.
     *
     * @param connection belongs to the session from now on; closed when this throws
     * @param configBytes how much configuration there is of a device that offers such features
     * @param generation of the configuration before
     */
    static Session open(
            Channel channel,
            ChannelConnection connection,
            Cpu cpu,
            MemoryTable memory,
            ToIntFunction<FeatureSet> configBytes,
            int generation)
            throws VhostUserException {
        Session session = new Session(channel, new MessageStream(channel, connection, cpu), memory);
        try {
            session.negotiate(cpu, configBytes, generation);
        } catch (VhostUserException | RuntimeException e) {
            session.close();
            throw e;
        }
        return session;
    }

    private void negotiate(Cpu cpu, ToIntFunction<FeatureSet> configBytes, int generation) throws VhostUserException {
        offered = stream.askWord(Request.GET_FEATURES);
        if (offers(PROTOCOL_FEATURES)) {
            protocol = ProtocolFeatures.acceptedOf(stream.askWord(Request.GET_PROTOCOL_FEATURES));
            stream.compose().putLong(protocol.bits());
            stream.order(Request.SET_PROTOCOL_FEATURES);
        }
        if (protocol.has(ProtocolFeatures.REPLY_ACK)) {
            stream.acknowledgeOrders();
        }
        stream.compose();
        stream.order(Request.SET_OWNER);
        if (protocol.has(ProtocolFeatures.MQ)) {
            queues = queuesOf(stream.askWord(Request.GET_QUEUE_NUM));
        }
        if (protocol.has(ProtocolFeatures.CONFIGURE_MEM_SLOTS)) {
            slots = stream.askWord(Request.GET_MAX_MEM_SLOTS);
            if (slots == 0) {
                throw stream.broken(Request.GET_MAX_MEM_SLOTS.name(), "the back-end has 0 slots for memory");
            }
        }
        int configLength = configBytes.applyAsInt(offeredFeatures());
        if (configLength > 0 && !protocol.has(ProtocolFeatures.CONFIG)) {
            throw stream.trouble(
                    Kind.REFUSED,
                    Request.GET_CONFIG.name(),
                    "the back-end does not offer CONFIG, so that the %d bytes of the device's configuration are not to be had"
                            .formatted(configLength),
                    "use a back-end that offers it");
        }
        configuration = new ConfigSnapshot(stream, configLength, generation);
        translations = new Iotlb(stream, memory, configuration);
        if (protocol.has(ProtocolFeatures.BACKEND_REQ)) {
            requests =
                    Optional.of(BackEndRequests.open(channel, cpu, stream, protocol.has(ProtocolFeatures.REPLY_ACK)));
        }
    }

    private int queuesOf(long count) throws VhostUserException {
        if (count < 1 || count > MOST_QUEUES) {
            throw stream.broken(
                    Request.GET_QUEUE_NUM.name(), "the back-end has %s queues".formatted(Long.toUnsignedString(count)));
        }
        return (int) Math.min(count, MOST_RINGS);
    }

    private boolean offers(int bit) {
        return (offered & 1L << bit) != 0;
    }

    /** The features of the device; what the protocol itself has among them is left out. */
    FeatureSet offeredFeatures() {
        return new FeatureSet(offered & ~(1L << PROTOCOL_FEATURES | 1L << LOG_ALL), 0);
    }

    ProtocolFeatures protocol() {
        return protocol;
    }

    /** How many queues can be named. */
    int queues() {
        return queues;
    }

    ConfigSnapshot configuration() {
        return configuration;
    }

    /** The stream on which the back-end makes requests, where it does. */
    Optional<BackEndRequests> requests() {
        return requests;
    }

    ChannelConnection connection() {
        return stream.connection();
    }

    /** Whether the back-end can reach memory, or may have begun to. */
    boolean memoryGiven() {
        return memoryGiven;
    }

    // ---- the way up

    /** Tells the back-end which features hold. */
    void accept(FeatureSet features) throws VhostUserException {
        configuration.settle();
        accepted = features.low() | offered & 1L << PROTOCOL_FEATURES;
        stream.compose().putLong(accepted);
        stream.order(Request.SET_FEATURES);
    }

    /** Tells the back-end the device status, where it wants to know. */
    void tellStatus(int status) throws VhostUserException {
        if (protocol.has(ProtocolFeatures.STATUS)) {
            configuration.settle();
            stream.compose().putLong(status);
            stream.order(Request.SET_STATUS);
        }
    }

    /** The device status as the back-end has it; what it was told last where it is not told. */
    int askStatus(int told) throws VhostUserException {
        if (!protocol.has(ProtocolFeatures.STATUS)) {
            return told;
        }
        configuration.settle();
        return statusOf(stream.askWord(Request.GET_STATUS));
    }

    private int statusOf(long word) throws VhostUserException {
        if (word < 0 || word > MOST_STATUS) {
            throw stream.broken(Request.GET_STATUS.name(), "the status is 0x%x, and has 8 bits".formatted(word));
        }
        return (int) word;
    }

    /**
     * Gives the back-end the memory and starts rings in it.
     *
     * @param signals what it trips
     */
    void start(List<Ring> rings, RingSignals signals) throws VhostUserException {
        configuration.settle();
        checkPlaces(rings);
        if (!memoryGiven) {
            giveMemory();
        }
        if (protocol.has(ProtocolFeatures.INFLIGHT_SHMFD) && !rings.isEmpty()) {
            InflightArea.arrange(
                    stream,
                    rings.getLast().index() + 1,
                    rings.stream()
                            .mapToInt(ring -> ring.addresses().size())
                            .max()
                            .getAsInt());
        }
        started = List.copyOf(rings);
        for (Ring ring : rings) {
            describe(ring, signals);
        }
        if (accepts(ReservedFeatures.ACCESS_PLATFORM)) {
            fillTranslations();
        }
        if ((accepted & 1L << PROTOCOL_FEATURES) != 0) {
            // "Ring states": else a ring is enabled from its start.
            for (Ring ring : rings) {
                state(Request.SET_VRING_ENABLE, ring, 1);
            }
        }
        if (!protocol.has(ProtocolFeatures.REPLY_ACK)) {
            // Messages are taken in order: when this is answered, all of them have been.
            stream.askWord(Request.GET_FEATURES);
        }
    }

    private void checkPlaces(List<Ring> rings) throws VhostUserException {
        for (Ring ring : rings) {
            long[] places = {
                ring.addresses().descriptorDva(),
                ring.addresses().driverDva(),
                ring.addresses().deviceDva()
            };
            for (long place : places) {
                if (!memory.contains(place, 1)) {
                    throw stream.trouble(
                            Kind.REFUSED,
                            Request.SET_VRING_ADDR.name(),
                            "queue %d lies at 0x%x, where the back-end reaches no memory"
                                    .formatted(ring.index(), place),
                            "use a plan whose addresses are those of shared RAM, Direct or Bounced");
                }
            }
        }
    }

    private void giveMemory() throws VhostUserException {
        if (memory.size() == 0) {
            throw stream.trouble(
                    Kind.REFUSED,
                    Request.SET_MEM_TABLE.name(),
                    "this machine has no RAM that another process can be given",
                    "use --machine vhost-user, whose RAM has a file behind it");
        }
        boolean oneByOne = memoryGoesOneByOne();
        long most = oneByOne ? slots : MemoryTable.MOST_REGIONS;
        if (Long.compareUnsigned(memory.size(), most) > 0) {
            throw stream.trouble(
                    Kind.REFUSED,
                    oneByOne ? Request.ADD_MEM_REG.name() : Request.SET_MEM_TABLE.name(),
                    "RAM has %d regions, and the back-end takes %s"
                            .formatted(memory.size(), Long.toUnsignedString(most)),
                    "give the machine RAM in fewer pieces");
        }
        memoryGiven = true;
        if (oneByOne) {
            addRegions();
        } else {
            sendTable();
        }
    }

    private boolean memoryGoesOneByOne() {
        return protocol.has(ProtocolFeatures.CONFIGURE_MEM_SLOTS) && protocol.has(ProtocolFeatures.REPLY_ACK);
    }

    /** "VHOST_USER_ADD_MEM_REG": a region and its one descriptor. */
    private void addRegions() throws VhostUserException {
        for (int region = 0; region < memory.size(); region++) {
            memory.describe(region, stream.compose().putLong(0));
            stream.order(Request.ADD_MEM_REG, memory.descriptor(region));
        }
    }

    /** "VHOST_USER_SET_MEM_TABLE": all regions, and their descriptors in the same order. */
    private void sendTable() throws VhostUserException {
        ByteBuffer payload = stream.compose().putInt(memory.size()).putInt(0);
        int[] descriptors = new int[memory.size()];
        for (int region = 0; region < memory.size(); region++) {
            memory.describe(region, payload);
            descriptors[region] = memory.descriptor(region);
        }
        stream.order(Request.SET_MEM_TABLE, descriptors);
    }

    private void describe(Ring ring, RingSignals signals) throws VhostUserException {
        state(Request.SET_VRING_NUM, ring, ring.addresses().size());
        // An emptied ring begins at its beginning: the driver's own word, never what stands in shared memory.
        state(Request.SET_VRING_BASE, ring, accepts(ReservedFeatures.RING_PACKED) ? PACKED_BASE : 0);
        stream.compose()
                .putInt(ring.index())
                .putInt(0)
                .putLong(ring.addresses().descriptorDva())
                .putLong(ring.addresses().deviceDva())
                .putLong(ring.addresses().driverDva())
                .putLong(0);
        stream.order(Request.SET_VRING_ADDR);
        give(Request.SET_VRING_CALL, ring, signals.callDescriptor(ring.index()));
        give(Request.SET_VRING_ERR, ring, signals.errorDescriptor());
        give(Request.SET_VRING_KICK, ring, ring.kick().descriptor());
    }

    private void state(Request request, Ring ring, int number) throws VhostUserException {
        stream.compose().putInt(ring.index()).putInt(number);
        stream.order(request);
    }

    private void give(Request request, Ring ring, int descriptor) throws VhostUserException {
        stream.compose().putLong(ring.index());
        stream.order(request, descriptor);
    }

    /** "IOMMU support": the rings' addresses are translated too, so that this comes before they are enabled. */
    private void fillTranslations() throws VhostUserException {
        if (!protocol.has(ProtocolFeatures.BACKEND_REQ) || !protocol.has(ProtocolFeatures.REPLY_ACK)) {
            throw stream.trouble(
                    Kind.REFUSED,
                    Request.IOTLB_MSG.name(),
                    "the back-end wants its addresses translated and cannot ask for translations",
                    "use --withhold access_platform, or a back-end with BACKEND_REQ and REPLY_ACK");
        }
        translations.fill();
    }

    private boolean accepts(int bit) {
        return (accepted & 1L << bit) != 0;
    }

    // ---- while it runs

    /** Takes what has come without having been asked for, and looks after the configuration. Does not wait. */
    void look(long nowNanos) throws VhostUserException {
        if (connection().hungUp()) {
            throw stream.trouble(
                    Kind.HUNG_UP, "connection", "the back-end hung up", "see what it says, and start it again");
        }
        if (requests.isPresent()) {
            requests.get().serve(configuration, translations);
        }
        configuration.tick(nowNanos);
    }

    /** What an err eventfd says. */
    VhostUserException ringError() {
        return stream.trouble(
                Kind.BROKEN,
                "err",
                "the back-end signals an error of a ring",
                "see what it says; the driver resets it");
    }

    // ---- the way down

    /** Whether the device can be reset without a new connection. */
    boolean canReset() {
        return protocol.has(ProtocolFeatures.RESET_DEVICE) || protocol.has(ProtocolFeatures.STATUS);
    }

    /**
     * Stops the rings and resets the device. Afterwards it uses no memory, and where regions are given one by one it has none; a table
     * stays mapped, for there is no message that takes it back.
     */
    void reset() throws VhostUserException {
        configuration.settle();
        long deadline = stream.in(Patience.LAST_WORDS);
        stopRings(deadline);
        if (protocol.has(ProtocolFeatures.RESET_DEVICE)) {
            stream.compose();
            stream.order(Request.RESET_DEVICE, deadline);
        }
        if (protocol.has(ProtocolFeatures.STATUS)) {
            stream.compose().putLong(0);
            stream.order(Request.SET_STATUS, deadline);
            stream.compose();
            int status = statusOf(
                    stream.ask(Request.GET_STATUS, Long.BYTES, deadline).getLong());
            if (status != 0) {
                throw stream.trouble(
                        Kind.REFUSED,
                        Request.SET_STATUS.name(),
                        "the status reads 0x%02x after a reset".formatted(status),
                        "the driver connects anew");
            }
        }
        if (!protocol.has(ProtocolFeatures.REPLY_ACK)) {
            stream.askWord(Request.GET_FEATURES);
        }
        translations.clear();
        if (memoryGiven && memoryGoesOneByOne()) {
            takeRegionsBack(deadline);
        }
    }

    /** "VHOST_USER_REM_MEM_REG": by addresses and size, without a descriptor. */
    private void takeRegionsBack(long deadline) throws VhostUserException {
        for (int region = 0; region < memory.size(); region++) {
            memory.describe(region, stream.compose().putLong(0));
            stream.order(Request.REM_MEM_REG, deadline);
        }
        memoryGiven = false;
    }

    /** Stops the rings, as far as that goes within its bound. */
    void lastWords() throws VhostUserException {
        configuration.settle();
        stopRings(stream.in(Patience.LAST_WORDS));
    }

    /** "Ring states": a ring stops when it is asked for its base. What it says is compared with nothing: this side knows better. */
    private void stopRings(long deadline) throws VhostUserException {
        for (Ring ring : started) {
            stream.compose().putInt(ring.index()).putInt(0);
            int index = stream.ask(Request.GET_VRING_BASE, 2 * Integer.BYTES, deadline)
                    .getInt();
            if (index != ring.index()) {
                throw stream.broken(
                        Request.GET_VRING_BASE.name(),
                        "queue %d was asked for, and the answer is about queue %d"
                                .formatted(ring.index(), Integer.toUnsignedLong(index)));
            }
        }
        closeRings();
    }

    /** Closes our side of the stream: nothing more comes from here. */
    void finish() {
        connection().finish();
    }

    /** Whether the back-end has closed its side by then: it has let go of memory before. */
    boolean endsBy(long deadline) {
        return stream.endsBy(deadline);
    }

    private void closeRings() {
        started.forEach(ring -> ring.kick().close());
        started = List.of();
    }

    @Override
    public void close() {
        closeRings();
        requests.ifPresent(BackEndRequests::close);
        stream.close();
    }
}
