package dev.postern.emulated.virtio;

import dev.postern.emulated.Completion;
import dev.postern.emulated.board.DeviceWork;
import dev.postern.emulated.board.Journal;
import dev.postern.emulated.dma.DmaPath;
import dev.postern.emulated.dma.DmaPort;
import dev.postern.emulated.mischief.NeverFinishReset;
import dev.postern.emulated.mischief.RefuseFeaturesOk;

/**
 * The part of a virtio device that is the same for every type and transport: status, features, queues, configuration
 * generation (virtio 1.4, Basic Facilities of a Virtio Device).
 */
public final class VirtioDevice {

    /** The vector that means none (transport-pci, MSI-X Vector Configuration). */
    static final int NO_VECTOR = 0xffff;

    private static final int ACKNOWLEDGE = 1;
    private static final int DRIVER = 2;
    private static final int DRIVER_OK = 4;
    private static final int FEATURES_OK = 8;
    private static final int NEEDS_RESET = 64;
    private static final int FAILED = 128;

    private final String name;
    private final DeviceType type;
    private final FeatureSet offered;
    private final int resetReads;
    private final Script script;
    private final DmaPort port;
    private final Journal journal;
    private final Virtqueue[] queues;
    private Notifier notifier;

    private int status;
    private FeatureSet accepted = FeatureSet.NONE;
    private int configVector = NO_VECTOR;
    private int generation;
    private boolean configDiffers;
    private boolean awaitingZero;
    private int busyReads;
    private int statusWhileBusy;
    private long requests;

    /**
     * A device after power-on.
     *
     * @param name for messages
     * @param type what it does
     * @param options what it offers and how it behaves
     * @param port its way to memory
     * @param board where it leaves work and notes
     */
    VirtioDevice(String name, DeviceType type, Options options, DmaPort port, Board board) {
        this.name = name;
        this.type = type;
        this.offered = options.offered();
        this.resetReads = options.resetReads();
        this.script = options.script();
        this.port = port;
        this.journal = board.journal();
        this.queues = new Virtqueue[type.queueCount()];
        for (int i = 0; i < queues.length; i++) {
            queues[i] = new Virtqueue(this, i, options, port, board);
        }
    }

    /**
     * What a device offers and how it behaves.
     *
     * @param offered all feature bits it offers
     * @param queueSize the largest queue, 1 to 32768
     * @param resetReads how many reads of the status still show the old value after a reset was asked for; of queue_reset too
     * @param script what it does wrong
     */
    public record Options(FeatureSet offered, int queueSize, int resetReads, Script script) {}

    /**
     * What a device finds on its board.
     *
     * @param journal where it writes down what happens
     * @param work where its notifications wait
     * @param completion in which order it publishes a batch
     * @param seed for that order
     */
    public record Board(Journal journal, DeviceWork work, Completion completion, long seed) {}

    void connect(Notifier transport) {
        notifier = transport;
    }

    String name() {
        return name;
    }

    DeviceType type() {
        return type;
    }

    Script script() {
        return script;
    }

    Virtqueue[] queues() {
        return queues;
    }

    FeatureSet offered() {
        return offered;
    }

    FeatureSet accepted() {
        return accepted;
    }

    boolean negotiated(int bit) {
        return accepted.has(bit) && (status & FEATURES_OK) != 0;
    }

    /** Whether buffers may be consumed (content:81). */
    boolean live() {
        return (status & (DRIVER_OK | FEATURES_OK | NEEDS_RESET)) == (DRIVER_OK | FEATURES_OK);
    }

    boolean driverOk() {
        return (status & DRIVER_OK) != 0;
    }

    boolean featuresFixed() {
        return (status & FEATURES_OK) != 0;
    }

    void guestError(String clause, String what) {
        journal.guestError(name, clause, what);
    }

    void event(String what) {
        journal.event(name, what);
    }

    boolean tracing() {
        return journal.tracing();
    }

    /** Counts a request and returns its number, from 1. */
    long nextRequest() {
        return ++requests;
    }

    /** The number that the next request will get. */
    long upcomingRequest() {
        return requests + 1;
    }

    /** Notes that the driver goes on before the reset it asked for was seen to be done. */
    private void checkResetWasAwaited() {
        if (awaitingZero) {
            awaitingZero = false;
            guestError("transport-pci:512", "the driver went on before device_status read back 0 after a reset");
        }
    }

    // ---- status

    int readStatus() {
        if (busyReads > 0) {
            // A device that never finishes keeps the count.
            if (busyReads != Integer.MAX_VALUE) {
                busyReads--;
            }
            return statusWhileBusy;
        }
        if (status == 0) {
            awaitingZero = false;
        }
        return status;
    }

    void writeStatus(int value) {
        if (value == 0) {
            int old = busyReads > 0 ? statusWhileBusy : status;
            boolean stuck = busyReads == Integer.MAX_VALUE || driverOk() && script.has(NeverFinishReset.class);
            forget();
            if (!stuck) {
                letGoOfQueues();
            }
            statusWhileBusy = old;
            busyReads = stuck ? Integer.MAX_VALUE : old == 0 ? 0 : resetReads;
            awaitingZero = true;
            return;
        }
        checkResetWasAwaited();
        if (busyReads > 0) {
            return;
        }
        int lost = status & ~value & ~NEEDS_RESET;
        if (lost != 0) {
            guestError("content:66", "device_status 0x%02x was overwritten with 0x%02x".formatted(status, value));
        }
        int added = value & ~status;
        checkOrder(value, added);
        // NEEDS_RESET belongs to the device: it stays until a reset, and a driver cannot set it.
        int next = value & ~NEEDS_RESET | status & NEEDS_RESET;
        if ((added & FEATURES_OK) != 0 && !acceptable()) {
            next &= ~FEATURES_OK;
        }
        status = next;
        if ((added & next & FEATURES_OK) != 0) {
            port.takePath(accepted.has(Feature.ACCESS_PLATFORM) ? DmaPath.BY_PLATFORM : DmaPath.LIKE_CPU);
            type.negotiated(accepted);
        }
        if (tracing()) {
            event("status 0x%02x".formatted(status));
        }
    }

    private void checkOrder(int value, int added) {
        boolean outOfOrder = (added & DRIVER) != 0 && (value & ACKNOWLEDGE) == 0
                || (added & FEATURES_OK) != 0 && (value & DRIVER) == 0
                || (added & DRIVER_OK) != 0 && (status & FEATURES_OK) == 0;
        if (outOfOrder) {
            guestError(
                    "content:521",
                    "device_status went from 0x%02x to 0x%02x: a step of the initialization is missing"
                            .formatted(status, value));
        }
        if ((status & FAILED) != 0 && added != 0) {
            guestError("content:68", "the driver set FAILED and goes on without a reset");
        }
    }

    private boolean acceptable() {
        FeatureSet foreign = accepted.minus(offered);
        if (!foreign.equals(FeatureSet.NONE)) {
            guestError("content:142", "the driver accepted features that were not offered: " + foreign);
            return false;
        }
        if (offered.has(Feature.VERSION_1) && !accepted.has(Feature.VERSION_1)) {
            guestError("content:951", "the driver did not accept VERSION_1");
            return false;
        }
        if (offered.has(Feature.ACCESS_PLATFORM) && !accepted.has(Feature.ACCESS_PLATFORM)) {
            // The driver only SHOULD accept it, so this is no error of the guest; a device may refuse (content:993).
            event("FEATURES_OK refused: ACCESS_PLATFORM was not accepted");
            return false;
        }
        return !script.has(RefuseFeaturesOk.class);
    }

    /** Forgets everything that the driver set up, and unmaps what was mapped for it. */
    void reset() {
        letGoOfQueues();
        forget();
    }

    private void letGoOfQueues() {
        for (Virtqueue queue : queues) {
            queue.letGo();
        }
    }

    private void forget() {
        status = 0;
        accepted = FeatureSet.NONE;
        configVector = NO_VECTOR;
        busyReads = 0;
        for (Virtqueue queue : queues) {
            queue.forget();
        }
        port.takePath(DmaPath.LIKE_CPU);
        type.reset();
        notifier.reset();
        event("reset");
    }

    /** The device cannot go on (content:84); a live driver is told (content:86). */
    void needsReset(String why) {
        if ((status & NEEDS_RESET) != 0) {
            return;
        }
        status |= NEEDS_RESET;
        event("needs reset: " + why);
        if (driverOk()) {
            notifier.configChanged(configVector);
        }
    }

    // ---- features

    void writeDriverFeatures(int page, int value) {
        checkResetWasAwaited();
        if (featuresFixed()) {
            if (accepted.page(page) != value) {
                guestError("content:535", "the driver changed its features after FEATURES_OK");
            }
            return;
        }
        if (page < 0 || page > 3) {
            if (value != 0) {
                guestError(
                        "content:142",
                        "the driver accepted features of page " + Integer.toUnsignedString(page)
                                + ", which were not offered");
            }
            return;
        }
        accepted = accepted.withPage(page, value);
    }

    // ---- configuration

    int configVector() {
        return configVector;
    }

    void writeConfigVector(int vector) {
        configVector = checkedVector(vector);
    }

    /** The vector to keep for one that the driver wrote: itself when the table has it, else none (transport-pci:1013). */
    int checkedVector(int vector) {
        if (vector == NO_VECTOR || vector < notifier.vectors()) {
            return vector;
        }
        guestError("transport-pci:1026", "vector " + vector + " is outside the MSI-X table");
        return NO_VECTOR;
    }

    int generation() {
        return generation;
    }

    long readConfig(int offset, int width) {
        if (configDiffers) {
            // Counted on the read, not on the change: 256 changes between two reads would look like none.
            configDiffers = false;
            generation = generation + 1 & 0xff;
        }
        long value = 0;
        for (int i = 0; i < width; i++) {
            int at = offset + i;
            value |= (at < type.configSize() ? type.configByte(at) & 0xffL : 0) << (8 * i);
        }
        type.configRead(offset, width);
        return value;
    }

    /** The device changed its configuration: the driver is told if it is there, and the generation will differ. */
    public void configChanged() {
        configDiffers = true;
        event("configuration changed");
        if (driverOk()) {
            notifier.configChanged(configVector);
        }
    }

    // ---- queues

    /**
     * The driver notified a queue.
     *
     * @param index which one, where the notification came in
     * @param value what it wrote, 16 bits, or 32 with NOTIFICATION_DATA
     */
    void notified(int index, int value) {
        if (!driverOk()) {
            guestError("content:555", "queue " + index + " was notified before DRIVER_OK");
            return;
        }
        boolean data = negotiated(Feature.NOTIFICATION_DATA);
        boolean configData = negotiated(Feature.NOTIF_CONFIG_DATA);
        int named = value & 0xffff;
        if (named != (configData ? notificationConfigData(index) : index)) {
            guestError(
                    wrongNameClause(data, configData),
                    "0x%x at the notification address of queue %d".formatted(named, index));
            return;
        }
        if (data) {
            queues[index].notified(value >>> 16);
        } else {
            queues[index].notified();
        }
    }

    private static String wrongNameClause(boolean data, boolean configData) {
        if (configData) {
            return data ? "transport-pci:1123" : "transport-pci:1120";
        }
        return data ? "transport-pci:1113" : "transport-pci:1110";
    }

    /** What names a queue in its notifications with NOTIF_CONFIG_DATA: never its index, and another for each queue. */
    int notificationConfigData(int index) {
        // 40503 is odd, so no two of 65536 are the same.
        return index * 40503 + 0x5a01 & 0xffff;
    }

    void bufferUsed(int vector) {
        notifier.bufferUsed(vector);
    }

    /** Notes a write to the queue registers that comes too early. */
    void queueConfigured() {
        checkResetWasAwaited();
    }
}
