package dev.postern.virtio.fake;

import dev.postern.dma.DeviceView;
import dev.postern.interrupt.InterruptRouter;
import dev.postern.interrupt.MessageVector;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.queue.QueueAddresses;
import dev.postern.virtio.transport.DeviceSignals;
import dev.postern.virtio.transport.Transport;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntSupplier;

/**
 * The registers of a device that a test scripts. It records every access that matters in {@link #events()}, and fails the
 * test at once when the driver breaks a rule of content:61 to 66 or content:521 to 555.
 */
public final class ScriptedTransport implements Transport {

    // content:33, the device status field.
    private static final int DRIVER_OK = 4;
    private static final int FEATURES_OK = 8;
    private static final int NEEDS_RESET = 64;
    private static final int FAILED = 128;
    // content:839, the reserved feature bits.
    private static final int RING_PACKED = 34;
    private static final int RING_RESET = 40;

    // The block device: its type, and where struct virtio_blk_config has writeback.
    private static final int BLOCK = 2;
    private static final int WRITEBACK = 32;

    private final DeviceView memory;
    private final TestRam ram;
    private final InterruptRouter router;
    private final int typeId;
    private final List<String> events = new ArrayList<>();
    private final Map<Integer, ScriptedRing> queues = new TreeMap<>();
    private final List<MessageVector> vectors = new ArrayList<>();

    /** What the device offers. */
    public FeatureSet offered = FeatureSet.of(32);
    /** The device-specific configuration; its length is what there is of it. */
    public ByteBuffer config = ByteBuffer.allocate(0).order(ByteOrder.LITTLE_ENDIAN);
    /** The generation that the next read shows. */
    public IntSupplier generation = () -> 0;
    /** The largest size of each queue. */
    public int queueSize = 256;
    /** How many queues there are. */
    public int queueCount = 1;
    /** How many reads say that a queue alone is not reset yet, after its reset began; negative for ever. */
    public int queueResetReads;
    /** Whether FEATURES_OK stays set. */
    public boolean takesFeatures = true;
    /** How many reads still show the old status after a reset; negative for ever. */
    public int resetReads;
    /** What happens when a queue is enabled or interrupts are connected; may throw. */
    public Setup setup = what -> {};
    /** Called when the driver notifies. */
    public Runnable notified = () -> {};
    /** Called when the driver resets the device, which still has its queues. */
    public Runnable resetting = () -> {};
    /** Called when the driver has written to the configuration. */
    public Runnable configWritten = () -> {};
    /** What the driver said with its last notification. */
    public int notificationOffset;

    private int status;
    private int lateResetReads;
    private int lateQueueResetReads;
    private int staleStatus;
    private FeatureSet accepted = FeatureSet.EMPTY;
    private boolean dma;
    private boolean closed;
    private DeviceSignals signals;

    /** A step of the set-up that a device may refuse. */
    @FunctionalInterface
    public interface Setup {
        /** {@code what} is {@code interrupts} or {@code queue}. */
        void step(String what) throws ProbeRefusedException;
    }

    /** A device after power-on. */
    public ScriptedTransport(int typeId, DeviceView memory, TestRam ram, InterruptRouter router) {
        this.typeId = typeId;
        this.memory = memory;
        this.ram = ram;
        this.router = router;
    }

    /** Everything the driver did, in order. */
    public List<String> events() {
        return List.copyOf(events);
    }

    /** Forgets what the driver did. */
    public void forget() {
        events.clear();
    }

    /** How often the driver did something. */
    public long count(String event) {
        return events.stream().filter(event::equals).count();
    }

    /** The status as the device holds it. */
    public int status() {
        return status;
    }

    /** The features the driver wrote last. */
    public FeatureSet accepted() {
        return accepted;
    }

    /** Whether the bus lets the device's accesses through. */
    public boolean dmaAllowed() {
        return dma;
    }

    /** Whether the driver has given the transport back. */
    public boolean closed() {
        return closed;
    }

    /** Whether the device may use its queues now. */
    public boolean live() {
        return dma && (status & DRIVER_OK) != 0 && (status & (NEEDS_RESET | FAILED)) == 0 && !queues.isEmpty();
    }

    /** The device's side of queue 0, a split one; only while it is enabled. */
    public ScriptedQueue queue() {
        return queue(0);
    }

    /** The device's side of a split queue; only while it is enabled. */
    public ScriptedQueue queue(int index) {
        return (ScriptedQueue) ring(index);
    }

    /** The device's side of a queue of either format; only while it is enabled. */
    public ScriptedRing ring(int index) {
        return queues.get(index);
    }

    /** The device asks to be reset. */
    public void askForReset() {
        status |= NEEDS_RESET;
    }

    /** The device sends a used buffer notification of queue 0, if it was told how. */
    public void raiseQueue() {
        raiseQueue(0);
    }

    /** The device sends a used buffer notification, if it was told how. */
    public void raiseQueue(int index) {
        raise(index + 1);
    }

    /** The device sends a configuration change notification, if it was told how. */
    public void raiseConfiguration() {
        raise(0);
    }

    private void raise(int vector) {
        if (vector < vectors.size()) {
            MessageVector message = vectors.get(vector);
            ram.put(
                    message.address(),
                    ByteBuffer.allocate(4)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putInt(message.data())
                            .array());
        }
    }

    @Override
    public String location() {
        return "scripted";
    }

    @Override
    public int deviceTypeId() {
        return typeId;
    }

    @Override
    public FeatureSet supportedFeatures() {
        // NOTIFICATION_DATA, NOTIF_CONFIG_DATA and RING_RESET.
        return FeatureSet.of(38, 39, 40);
    }

    @Override
    public FeatureSet offeredFeatures() {
        event("offered?");
        return offered;
    }

    @Override
    public void writeAcceptedFeatures(FeatureSet features) {
        event("accepted " + features);
        require((status & FEATURES_OK) == 0, "content:535: features after FEATURES_OK");
        require(offered.containsAll(features), "content:142: features that are not offered");
        accepted = features;
    }

    @Override
    public int readStatus() {
        int read = status;
        if (lateResetReads != 0) {
            lateResetReads -= lateResetReads > 0 ? 1 : 0;
            read = staleStatus;
        }
        event("status? %02x".formatted(read));
        return read;
    }

    @Override
    public void writeStatus(int value) {
        event("status %02x".formatted(value));
        if (value == 0) {
            resetting.run();
            staleStatus = lateResetReads == 0 ? status : staleStatus;
            lateResetReads = staleStatus == 0 ? 0 : resetReads;
            status = 0;
            accepted = FeatureSet.EMPTY;
            if (lateResetReads >= 0) {
                queues.clear();
            }
            return;
        }
        require(lateResetReads == 0, "transport-pci:512: the reset has not read back as done");
        require((status & ~NEEDS_RESET & ~value) == 0, "content:66: a status bit was cleared");
        require((status & FAILED) == 0 || (value & ~status) == 0, "content:68: more steps after FAILED");
        boolean refused = (value & FEATURES_OK) != 0 && !takesFeatures;
        status = value & ~(refused ? FEATURES_OK : 0) | status & NEEDS_RESET;
    }

    @Override
    public int configGeneration() {
        return generation.getAsInt();
    }

    @Override
    public int configLength() {
        return config.capacity();
    }

    @Override
    public int readConfig8(int offset) {
        require(
                typeId != BLOCK || offset != WRITEBACK || (status & FEATURES_OK) != 0,
                "blk:293: writeback read before FEATURES_OK");
        return Byte.toUnsignedInt(config.get(offset));
    }

    @Override
    public int readConfig16(int offset) {
        require(offset % 2 == 0, "an unaligned access");
        return Short.toUnsignedInt(config.getShort(offset));
    }

    @Override
    public int readConfig32(int offset) {
        require(offset % 4 == 0, "an unaligned access");
        return config.getInt(offset);
    }

    @Override
    public void writeConfig8(int offset, int value) {
        event("config %d=%02x".formatted(offset, value));
        require((status & FEATURES_OK) != 0, "content:533: configuration written before FEATURES_OK");
        config.put(offset, (byte) value);
        configWritten.run();
    }

    @Override
    public int maximumQueueSize(int queue) {
        return queue < queueCount ? queueSize : 0;
    }

    @Override
    public void connectInterrupts(InterruptMode mode, int count, DeviceSignals told) throws ProbeRefusedException {
        event("interrupts %s %d".formatted(mode, count));
        setup.step("interrupts");
        disconnect();
        signals = told;
        if (mode == InterruptMode.MSIX) {
            vectors.add(router.openMessage("configuration", () -> signals.configurationChanged()));
            for (int i = 0; i < count; i++) {
                int queue = i;
                vectors.add(router.openMessage("queue " + queue, () -> signals.queueSignalled(queue)));
            }
        }
    }

    @Override
    public void enableQueue(int queue, QueueAddresses addresses) throws ProbeRefusedException {
        event("enable %d".formatted(queue));
        setup.step("queue");
        require((status & FEATURES_OK) != 0, "content:521: a queue before FEATURES_OK");
        require((status & DRIVER_OK) == 0 || accepted.has(RING_RESET), "content:521: a queue after DRIVER_OK");
        require(queue < queueCount, "a queue that the device does not have");
        require(addresses.size() <= queueSize, "a queue larger than the device takes");
        ScriptedRing ring = accepted.has(RING_PACKED)
                ? new ScriptedPackedQueue(memory, addresses)
                : new ScriptedQueue(memory, addresses);
        require(queues.put(queue, ring) == null, "a queue enabled twice");
    }

    @Override
    public void resetQueue(int queue) {
        event("reset %d".formatted(queue));
        require(accepted.has(RING_RESET), "content:406: a queue reset without RING_RESET");
        require((status & DRIVER_OK) != 0, "a queue reset of a device that is not live");
        lateQueueResetReads = queueResetReads;
        if (lateQueueResetReads >= 0) {
            queues.remove(queue);
        }
    }

    @Override
    public boolean queueResetDone(int queue) {
        boolean done = lateQueueResetReads == 0;
        lateQueueResetReads -= lateQueueResetReads > 0 ? 1 : 0;
        event("reset %d? %s".formatted(queue, done));
        return done;
    }

    @Override
    public void notifyQueue(int queue, int offset) {
        event("notify %d".formatted(queue));
        require(queues.containsKey(queue), "a notification of a queue that is not enabled");
        notificationOffset = offset;
        require((status & DRIVER_OK) != 0, "content:555: a notification before DRIVER_OK");
        require(lateResetReads == 0, "a notification during a reset");
        notified.run();
    }

    @Override
    public void allowDma() {
        event("dma on");
        dma = true;
    }

    @Override
    public void forbidDma() {
        event("dma off");
        dma = false;
    }

    @Override
    public void close() {
        event("close");
        require(!closed, "the transport was closed twice");
        closed = true;
        dma = false;
        disconnect();
    }

    private void disconnect() {
        vectors.forEach(MessageVector::close);
        vectors.clear();
    }

    private void event(String what) {
        require(!closed, "an access after close");
        events.add(what);
    }

    private void require(boolean condition, String rule) {
        if (!condition) {
            throw new AssertionError("the driver broke a rule: %s, after %s".formatted(rule, events));
        }
    }
}
