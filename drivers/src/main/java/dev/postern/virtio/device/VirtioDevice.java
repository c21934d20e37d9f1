package dev.postern.virtio.device;

import static dev.postern.virtio.DeviceStatus.*;

import dev.postern.interrupt.InterruptRouter;
import dev.postern.machine.Cpu;
import dev.postern.virtio.DeviceAwayException;
import dev.postern.virtio.DeviceBrokenException;
import dev.postern.virtio.DeviceDeadException;
import dev.postern.virtio.DeviceStatus;
import dev.postern.virtio.DeviceType;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.ReservedFeatures;
import dev.postern.virtio.queue.QueueOptions;
import dev.postern.virtio.queue.QueuePolicy;
import dev.postern.virtio.queue.RingDump;
import dev.postern.virtio.queue.Virtqueue;
import dev.postern.virtio.transport.Transport;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import jdk.jfr.FlightRecorder;

/**
 * One device on its way from reset to live (content:521), and back when it must be recovered.
 *
 * <pre>
 *   discover: reset, ACKNOWLEDGE, DRIVER, features read
 *   negotiate: features written, FEATURES_OK, read back
 *   addQueue ...
 *   goLive: queues enabled, memory access allowed, DRIVER_OK
 *   recover: reset, and all of the above again with the same features and queues, emptied
 * </pre>
 *
 * <p>A queue that breaks can be recovered alone where RING_RESET was accepted ({@link #recoverQueue}).
 *
 * <p><b>Threads:</b> the thread that makes the device owns it, and with it the transport, the queues and their driver: it makes all
 * calls but the plain questions about what does not change ({@link #name}, {@link #cpu}, {@link #interruptMode}). Interrupt handlers
 * run on it too, inside {@link #awaitSignal} and {@link #awaitAnySignal}, and there alone; hence no field here is volatile. With
 * assertions on, a call from another thread is an error.
 *
 * <p><b>Memory order:</b> ring and registers meet in {@link #notifyQueue}: the full fence of {@link Virtqueue#publish()} lies between the
 * index or flags that it stores and the register write that follows.
 */
public final class VirtioDevice implements AutoCloseable {

    /** How long a device may take to come out of reset. */
    public static final Duration RESET_LIMIT = Duration.ofSeconds(5);

    /** How often other interrupts may end a wait before it is given up for a look (XSA-391, CVE-2021-28711 to 28713). */
    public static final int STORM_LIMIT = 1000;

    /** How often a device is reset that breaks again while it is brought back. */
    public static final int RECOVERIES = 3;

    private static final int CONFIG_ATTEMPTS = 1000;

    /** How often a polled ring is looked at before the caller looks at its deadlines; the clock costs more than the ring. */
    private static final int POLLED_TURNS = 32;

    private final String name;
    private final DeviceType type;
    private final Transport transport;
    private final Cpu cpu;
    private final InterruptRouter router;
    private final InterruptMode interrupts;
    private QueuePolicy policy = QueuePolicy.DEFAULT;
    private final Thread owner = Thread.currentThread();
    private final DeviceQueues queues;
    private final PendingSignals signals = new PendingSignals();
    private int status;
    private FeatureSet accepted = FeatureSet.EMPTY;
    private boolean notificationData;
    /** Whether memory accesses were let through since the last reset. */
    private boolean memoryAllowed;

    private long recoveries;

    /**
     * A device that has been found; nothing is written to it yet.
     *
     * @param name the device's name in log and messages, such as {@code blk0}
     * @param transport owned by this object from now on
     */
    public VirtioDevice(String name, Transport transport, Cpu cpu, InterruptRouter router, InterruptMode interrupts) {
        this(name, new DeviceType(transport.deviceTypeId(), name, Map.of()), transport, cpu, router, interrupts);
    }

    /**
     * The same for a device of a known type.
     *
     * @param type gives its features their names in messages
     */
    public VirtioDevice(
            String name,
            DeviceType type,
            Transport transport,
            Cpu cpu,
            InterruptRouter router,
            InterruptMode interrupts) {
        this.name = name;
        this.type = type;
        queues = new DeviceQueues(name);
        this.transport = transport;
        this.cpu = cpu;
        this.router = router;
        this.interrupts = interrupts;
    }

    /** The device's name, such as {@code blk0}. */
    public String name() {
        return name;
    }

    /** The CPU that waits for this device. */
    public Cpu cpu() {
        return cpu;
    }

    /** How the driver learns of used buffers. */
    public InterruptMode interruptMode() {
        return interrupts;
    }

    /** The features that need something of the transport, and for which it has it. */
    public FeatureSet transportFeatures() {
        return transport.supportedFeatures();
    }

    /** The features agreed on; empty before {@link #negotiate}. */
    public FeatureSet accepted() {
        return accepted;
    }

    /** How often the device was reset and brought back. */
    public long recoveries() {
        return recoveries;
    }

    /**
     * Steps 1 to 4 of the initialization: resets the device, says that it was noticed and has a driver, and reads what it
     * offers.
     *
     * @throws DeviceDeadException when it does not come out of reset
     * @throws DeviceAwayException when it cannot be reached now
     * @throws ProbeRefusedException when it cannot be talked to; it uses no memory then
     */
    public FeatureSet discover() throws DeviceDeadException, DeviceAwayException, ProbeRefusedException {
        assert owned() : foreignThread();
        reset();
        return meet();
    }

    private FeatureSet meet() throws DeviceAwayException, ProbeRefusedException {
        addStatus(ACKNOWLEDGE);
        addStatus(DRIVER);
        return transport.offeredFeatures();
    }

    /**
     * Steps 4 to 6: writes the accepted features, sets FEATURES_OK and reads it back.
     *
     * @throws ProbeRefusedException when the device does not agree; it was given up then
     */
    public void negotiate(FeatureSet features) throws ProbeRefusedException {
        assert owned() : foreignThread();
        transport.writeAcceptedFeatures(features);
        addStatus(FEATURES_OK);
        if (!featuresHeld()) {
            String why = transport
                    .trouble()
                    .map(known -> "%s: %s".formatted(name, known))
                    .orElseGet(() -> "%s: the device took FEATURES_OK back for features %s; try with fewer features"
                            .formatted(name, features));
            giveUp();
            throw new ProbeRefusedException(why);
        }
        accepted = features;
        notificationData = features.has(ReservedFeatures.NOTIFICATION_DATA);
    }

    /** content:545: the device says by the bit whether it supports the subset. */
    private boolean featuresHeld() {
        return (transport.readStatus() & FEATURES_OK) != 0;
    }

    /** The most entries queue {@code index} may have; 0 when the device has no such queue. */
    public int maximumQueueSize(int index) {
        assert owned() : foreignThread();
        return transport.maximumQueueSize(index);
    }

    /** Says what holds for the device's queues, before the first of them is made. */
    public void setQueuePolicy(QueuePolicy decided) {
        policy = decided;
    }

    /**
     * How a queue is to be made after what was negotiated: format, tables, marks of events, order and signals. A split queue of a device
     * that names no power of two (against transport-pci:487) gets the next one below.
     *
     * @param mostEntries how many entries are of use; fewer when the device takes fewer
     * @param longestChain the most buffers of one request
     * @throws ProbeRefusedException when the device has no such queue
     */
    public QueueOptions queueOptions(int index, int mostEntries, int longestChain) throws ProbeRefusedException {
        boolean packed = accepted.has(ReservedFeatures.RING_PACKED);
        int limit = Math.min(mostEntries, maximumQueueSize(index));
        if (limit < 1) {
            throw new ProbeRefusedException(
                    "%s: queue %d takes 0 entries: give the device such a queue, or another driver"
                            .formatted(name, index));
        }
        return new QueueOptions(
                name,
                index,
                packed ? limit : Integer.highestOneBit(limit),
                longestChain,
                packed ? QueueOptions.Format.PACKED : QueueOptions.Format.SPLIT,
                accepted.has(ReservedFeatures.INDIRECT_DESC)
                        ? QueueOptions.Chaining.INDIRECT
                        : QueueOptions.Chaining.DIRECT,
                interrupts == InterruptMode.POLLED
                        ? QueueOptions.UsedSignals.SUPPRESSED
                        : QueueOptions.UsedSignals.WANTED,
                accepted.has(ReservedFeatures.EVENT_IDX)
                        ? QueueOptions.EventMarks.INDICES
                        : QueueOptions.EventMarks.FLAGS,
                accepted.has(ReservedFeatures.IN_ORDER)
                        ? QueueOptions.UseOrder.AS_AVAILABLE
                        : QueueOptions.UseOrder.ANY,
                policy.lengths(),
                policy.code());
    }

    /**
     * Adds a queue that {@link #goLive} will enable; closed with the device. Queues are added in ascending order of index, with or
     * without gaps.
     */
    public void addQueue(Virtqueue queue) {
        assert owned() : foreignThread();
        queues.add(queue);
    }

    /**
     * Steps 7 and 8: interrupts and queues are set up, the device's memory accesses are let through, DRIVER_OK.
     *
     * @throws ProbeRefusedException when the device does not take a queue, a vector or memory; it was given up then
     */
    public void goLive() throws ProbeRefusedException {
        assert owned() : foreignThread();
        try {
            signals.expect(queues.limit());
            transport.connectInterrupts(interrupts, queues.limit(), signals);
            for (int index = 0; index < queues.limit(); index++) {
                if (queues.find(index) != null) {
                    enable(queues.find(index));
                }
            }
            memoryAllowed = true;
            transport.allowDma();
        } catch (ProbeRefusedException | RuntimeException e) {
            giveUp();
            throw e;
        }
        addStatus(DRIVER_OK);
    }

    /** Pictures of the queues as they are now, for people. */
    public List<RingDump> rings() {
        assert owned() : foreignThread();
        return queues.all().map(Virtqueue::dump).toList();
    }

    /** Pictures of the queues that broke, each as it was found at its last fault, whatever became of it since. */
    public List<RingDump> brokenRings() {
        return queues.all().flatMap(queue -> queue.faultDump().stream()).toList();
    }

    private void enable(Virtqueue queue) throws ProbeRefusedException {
        checkSizeNow(queue);
        transport.enableQueue(queue.index(), queue.addresses());
    }

    /** A device may take less after a reset than before; the memory of its queues was taken already. */
    private void checkSizeNow(Virtqueue queue) throws ProbeRefusedException {
        int most = transport.maximumQueueSize(queue.index());
        if (most < queue.size()) {
            throw new ProbeRefusedException("%s: queue %d takes %d entries now, and it has %d; open the device anew"
                    .formatted(name, queue.index(), most, queue.size()));
        }
    }

    /** Tells the device that buffers are available in a queue. */
    public void notifyQueue(int queue) {
        assert owned() : foreignThread();
        KickEvent event = FlightRecorder.isInitialized() && KickEvent.recorded() ? KickEvent.of(name, queue) : null;
        transport.notifyQueue(queue, notificationData ? queues.at(queue).notificationOffset() : 0);
        if (event != null) {
            event.commit();
        }
    }

    /** Writes one byte of the device-specific configuration; not before {@link #negotiate} (content:533). */
    public void writeConfig8(int offset, int value) {
        assert owned() : foreignThread();
        transport.writeConfig8(offset, value);
    }

    /** Whether the device asks to be reset. A register access. */
    public boolean needsReset() {
        assert owned() : foreignThread();
        return (transport.readStatus() & NEEDS_RESET) != 0;
    }

    /** Why the device is to be reset, in one line, when {@link #needsReset} says so. */
    public String whyReset() {
        return transport
                .trouble()
                .map(known -> "%s: %s".formatted(name, known))
                .orElseGet(() -> name + ": asked to be reset");
    }

    /** As {@link #recover(Runnable)}, and nobody wants a last look. */
    public void recover() throws DeviceDeadException, DeviceAwayException, ProbeRefusedException {
        recover(() -> {});
    }

    /**
     * Resets the device and makes it live again with the same features and emptied queues. Nothing that was outstanding is
     * known to the device afterwards.
     *
     * <p>One that breaks again on its way back is reset again, up to {@value #RECOVERIES} times in all.
     *
     * @param lastLook runs when the device is reset and its queues are as it left them: what it had answered by then can be taken, and
     *     nothing changes any more
     * @throws DeviceDeadException when it does not come out of reset
     * @throws DeviceAwayException when it cannot be reached now; it is to be recovered again later
     * @throws ProbeRefusedException when it does not agree to what it agreed to before; it uses no memory then
     */
    public void recover(Runnable lastLook) throws DeviceDeadException, DeviceAwayException, ProbeRefusedException {
        assert owned() : foreignThread();
        FeatureSet before = accepted;
        reset();
        lastLook.run();
        for (int attempt = 1; ; attempt++) {
            try {
                bringBack(before);
                return;
            } catch (ProbeRefusedException e) {
                boolean again = needsReset() && attempt < RECOVERIES;
                if (again || memoryAllowed) {
                    reset();
                }
                if (!again) {
                    throw e;
                }
            }
        }
    }

    private void bringBack(FeatureSet before) throws DeviceAwayException, ProbeRefusedException {
        FeatureSet offered = meet();
        if (!offered.containsAll(before)) {
            giveUp();
            throw new ProbeRefusedException(
                    "%s at %s: after a reset the device no longer offers %s: give it back what it offered, or boot with --withhold and these"
                            .formatted(
                                    name,
                                    transport.location(),
                                    String.join(", ", type.namesOf(before.minus(offered)))));
        }
        negotiate(before);
        queues.restart();
        goLive();
        recoveries++;
    }

    /** Whether {@link #recoverQueue} can be used: RING_RESET was accepted. */
    public boolean canResetQueues() {
        return accepted.has(ReservedFeatures.RING_RESET);
    }

    /**
     * Resets one queue alone and enables it again, emptied, while the others run (content:424 and 442). Nothing that was outstanding
     * in it is known to the device afterwards.
     *
     * <p>A device that does not do so is reset as a whole, so that whenever this fails with anything but a
     * {@link DeviceDeadException} no buffer of any queue is the device's.
     *
     * @param index of a queue that was added, in a device that is live
     * @throws ProbeRefusedException when it does not reset or take back the queue alone; {@link #recover} may bring the device back
     * @throws DeviceDeadException when it does not come out of the reset of the whole device either
     */
    public void recoverQueue(int index) throws DeviceDeadException, ProbeRefusedException {
        assert owned() : foreignThread();
        if (!canResetQueues()) {
            throw new IllegalStateException(name + ": RING_RESET was not accepted; recover the whole device");
        }
        Virtqueue queue = queues.at(index);
        try {
            resetAlone(index);
            queue.restart();
            signals.take(index);
            enable(queue);
        } catch (ProbeRefusedException e) {
            reset();
            throw e;
        }
        recoveries++;
    }

    private void resetAlone(int index) throws ProbeRefusedException {
        transport.resetQueue(index);
        long deadline = cpu.nanoTime() + RESET_LIMIT.toNanos();
        // transport-pci:518.
        while (!transport.queueResetDone(index)) {
            if (needsReset() || cpu.nanoTime() - deadline >= 0) {
                throw new ProbeRefusedException("%s: the reset of queue %d alone did not end within %d s"
                        .formatted(name, index, RESET_LIMIT.toSeconds()));
            }
            cpu.relax();
        }
    }

    /**
     * Resets the device and waits until it says so (transport-pci:512). Afterwards it uses no memory.
     *
     * @throws DeviceDeadException when it does not within {@link #RESET_LIMIT}; it may still use memory then, unless the bus
     *     stops it
     */
    public void reset() throws DeviceDeadException {
        assert owned() : foreignThread();
        transport.writeStatus(0);
        status = 0;
        long deadline = cpu.nanoTime() + RESET_LIMIT.toNanos();
        int read;
        while ((read = transport.readStatus()) != 0) {
            if (cpu.nanoTime() - deadline >= 0) {
                transport.forbidDma();
                throw new DeviceDeadException("%s: status reads %s %d s after a reset; the device is given up%s"
                        .formatted(
                                name,
                                DeviceStatus.describe(read),
                                RESET_LIMIT.toSeconds(),
                                transport.trouble().map(known -> "; " + known).orElse("")));
            }
            cpu.relax();
        }
        transport.forbidDma();
        memoryAllowed = false;
        signals.clear();
    }

    /** Sets FAILED (content:550). The device's memory accesses stay off until a reset. */
    public void giveUp() {
        assert owned() : foreignThread();
        addStatus(FAILED);
        transport.forbidDma();
    }

    /**
     * Reads configuration fields that belong together, again and again until no change came in between (content:286).
     *
     * @throws DeviceBrokenException when the configuration never holds still
     */
    public <T> T readConfiguration(ConfigurationRead<T> read) throws DeviceBrokenException {
        assert owned() : foreignThread();
        for (int i = 0; i < CONFIG_ATTEMPTS; i++) {
            int before = transport.configGeneration();
            T value = read.from(transport);
            if (transport.configGeneration() == before) {
                return value;
            }
            cpu.relax();
        }
        throw new DeviceBrokenException(
                "%s: the configuration changed during each of %d reads".formatted(name, CONFIG_ATTEMPTS));
    }

    /** Reads fields of the device-specific configuration; called again when they changed meanwhile. */
    @FunctionalInterface
    public interface ConfigurationRead<T> {
        /** Reads by the transport's configuration accessors alone, without side effects. */
        T from(Transport transport);
    }

    /**
     * Waits until there may be used buffers in a queue, or the configuration may have changed.
     *
     * <p>Polled, a call is a few short turns, as long as there are none, and says that there may be. With interrupts it returns when a handler has
     * marked the queue, when the deadline has passed, or when the interrupts of others came {@value #STORM_LIMIT} times; then it says
     * that there may be, too. The caller minds its own deadline whatever this says.
     *
     * @param deadlineNanos on the CPU's clock
     * @return whether to look
     */
    public boolean awaitSignal(int queue, long deadlineNanos) {
        assert owned() : foreignThread();
        if (interrupts == InterruptMode.POLLED) {
            Virtqueue polled = queues.at(queue);
            for (int turn = 0; turn < POLLED_TURNS && !polled.hasUsed(); turn++) {
                cpu.relax();
            }
            return true;
        }
        if (!signals.pending(queue) && queues.at(queue).askForSignal()) {
            return true;
        }
        return awaitMark(queue, deadlineNanos);
    }

    /**
     * Waits until there may be used buffers in any queue, or the configuration may have changed; otherwise as {@link #awaitSignal}.
     * The caller looks at all its queues then.
     *
     * @param deadlineNanos on the CPU's clock
     * @return whether to look
     */
    public boolean awaitAnySignal(long deadlineNanos) {
        assert owned() : foreignThread();
        if (interrupts == InterruptMode.POLLED) {
            for (int turn = 0; turn < POLLED_TURNS && !queues.haveUsed(); turn++) {
                cpu.relax();
            }
            return true;
        }
        // A look first: it costs less than a wish that nobody needs.
        if (!signals.pending(PendingSignals.ANY_QUEUE) && (queues.haveUsed() || queues.askForSignals())) {
            return true;
        }
        return awaitMark(PendingSignals.ANY_QUEUE, deadlineNanos);
    }

    private boolean awaitMark(int queue, long deadlineNanos) {
        for (int strangers = 0; !signals.pending(queue); strangers++) {
            if (strangers == STORM_LIMIT) {
                // Who floods us with interrupts gets us polling: the caller looks, and minds its deadline.
                return true;
            }
            router.await(deadlineNanos);
            // Not only when no handler ran: a storm of other interrupts must not outlast the deadline.
            if (!signals.pending(queue) && cpu.nanoTime() - deadlineNanos >= 0) {
                return false;
            }
        }
        signals.take(queue);
        return true;
    }

    /** Whether a configuration change was signalled since the last call. */
    public boolean takeConfigurationChange() {
        assert owned() : foreignThread();
        return signals.takeConfigurationChange();
    }

    /** Resets the device and gives everything back. A device that does not come out of reset keeps its queues' memory. */
    @Override
    public void close() throws DeviceDeadException {
        try {
            reset();
            queues.close();
        } finally {
            queues.forget();
            transport.close();
        }
    }

    private boolean owned() {
        return Thread.currentThread() == owner;
    }

    private String foreignThread() {
        return "%s belongs to thread %s, and %s calls it"
                .formatted(name, owner.getName(), Thread.currentThread().getName());
    }

    private void addStatus(int bit) {
        // content:66: no bit is ever cleared but by a reset.
        status |= bit;
        transport.writeStatus(status);
    }
}
