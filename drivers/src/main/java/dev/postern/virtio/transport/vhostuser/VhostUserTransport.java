package dev.postern.virtio.transport.vhostuser;

import dev.postern.interrupt.InterruptRouter;
import dev.postern.machine.Channel;
import dev.postern.machine.ChannelConnection;
import dev.postern.machine.ChannelException;
import dev.postern.machine.Cpu;
import dev.postern.machine.Doorbell;
import dev.postern.machine.Machine;
import dev.postern.virtio.DeviceAwayException;
import dev.postern.virtio.DeviceStatus;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.queue.QueueAddresses;
import dev.postern.virtio.transport.DeviceSignals;
import dev.postern.virtio.transport.Transport;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;

/**
 * A device in another process, reached over a channel of the machine.
 *
 * <p>There is no register to read: features, configuration and rings are told and asked in messages, and the status is this side's own
 * unless the back-end wants to know it. A connection is made when the offered features are asked for. From then on {@link #readStatus}
 * shows NEEDS_RESET when the session is broken, by an end of the stream, a message that cannot be, an error of a ring, or silence.
 *
 * <p><b>Reset:</b> where the back-end has a message for it and the session is whole, by that; else by the end of the session. A back-end
 * that has closed its side of the stream has let go of memory, and only that counts. One that does not within
 * {@link Patience#LETTING_GO} loses its power, where the machine can do that; where not, the status never reads 0.
 *
 * <p><b>Threads:</b> the one that owns the device. <b>Allocation:</b> none in {@link #notifyQueue}, and none in {@link #readStatus} of a
 * session that is whole.
 */
public final class VhostUserTransport implements Transport {

    /**
     * The most entries of a queue. No message asks for it; this is what QEMU's library for back-ends takes (libvhost-user.h,
     * VIRTQUEUE_MAX_SIZE), and others take more.
     */
    private static final int MOST_ENTRIES = 1024;

    /** How often a back-end may hang up during a negotiation; it may be killed at any moment, but not each time. */
    private static final int NEGOTIATIONS = 3;

    private final Channel channel;
    private final Cpu cpu;
    private final InterruptRouter router;
    private final MemoryTable memory;
    private final ToIntFunction<FeatureSet> configBytes;
    /** Null between two of them. */
    private Session session;
    /** As it was read last, in this session or the one before. */
    private ConfigSnapshot configuration = ConfigSnapshot.NONE;
    /** Null while no interrupts are connected. */
    private RingSignals ringSignals;

    private final List<Ring> rings = new ArrayList<>();
    /** By queue; null where a queue is not used. */
    private Doorbell[] doorbells = {};

    private int status;
    private boolean featuresRefused;
    /** How the session ends; null while it does not. */
    private LettingGo ending;

    /** Whether rings may be running. */
    private boolean started;
    /** What broke the session, or why there is none; null while all is well. */
    private String trouble;

    private VhostUserTransport(
            Channel channel,
            Cpu cpu,
            InterruptRouter router,
            MemoryTable memory,
            ToIntFunction<FeatureSet> configBytes) {
        this.channel = channel;
        this.cpu = cpu;
        this.router = router;
        this.memory = memory;
        this.configBytes = configBytes;
    }

    /**
     * A device that is not connected to yet.
     *
     * @param machine whose channel it is, and whose shareable RAM the back-end is given
     * @param configBytes how many bytes of device-specific configuration there are of a device that offers such features; some back-ends
     *     answer nothing when they are asked for more
     */
    public static VhostUserTransport open(
            Machine machine, Channel channel, InterruptRouter router, ToIntFunction<FeatureSet> configBytes) {
        return new VhostUserTransport(
                channel, machine.cpu(), router, MemoryTable.of(machine.shareableRam()), configBytes);
    }

    /** Whether the back-end can make requests of its own and have them answered; known once its features are. */
    public boolean answersRequests() {
        return session != null
                && session.protocol().has(ProtocolFeatures.BACKEND_REQ)
                && session.protocol().has(ProtocolFeatures.REPLY_ACK);
    }

    @Override
    public String location() {
        return channel.name();
    }

    @Override
    public int deviceTypeId() {
        return channel.deviceKind();
    }

    /** None: a doorbell carries no data, and one queue alone cannot be reset. */
    @Override
    public FeatureSet supportedFeatures() {
        return FeatureSet.EMPTY;
    }

    @Override
    public Optional<String> trouble() {
        return Optional.ofNullable(trouble);
    }

    // ---- connecting

    @Override
    public FeatureSet offeredFeatures() throws DeviceAwayException, ProbeRefusedException {
        if (session == null) {
            connect();
        }
        attempt(open -> open.tellStatus(status));
        return session.offeredFeatures();
    }

    private void connect() throws DeviceAwayException, ProbeRefusedException {
        for (int attempt = 1; session == null; attempt++) {
            try {
                ChannelConnection connection = channel.connect(Patience.CONNECT);
                session = Session.open(channel, connection, cpu, memory, configBytes, configuration.generation() + 1);
                configuration = session.configuration();
                trouble = null;
            } catch (ChannelException e) {
                trouble = e.getMessage();
                if (e.reason() == ChannelException.Reason.REFUSED) {
                    throw new ProbeRefusedException(trouble);
                }
                throw new DeviceAwayException(trouble);
            } catch (VhostUserException e) {
                trouble = e.getMessage();
                considerAgain(e, attempt);
            }
        }
    }

    /** Whether a back-end whose negotiation failed may do better at once: one that was ended in the middle of it, or is ended now. */
    private void considerAgain(VhostUserException e, int attempt) throws DeviceAwayException, ProbeRefusedException {
        boolean mayReturn = switch (e.kind()) {
            case HUNG_UP -> true;
            case SILENT -> channel.powerCycle(Patience.POWER_CYCLE);
            case BROKEN, REFUSED -> throw new ProbeRefusedException(e.getMessage());
        };
        if (!mayReturn || attempt == NEGOTIATIONS) {
            throw new DeviceAwayException(e.getMessage());
        }
    }

    @Override
    public void writeAcceptedFeatures(FeatureSet accepted) {
        featuresRefused = !attempt(open -> open.accept(accepted));
    }

    // ---- status

    @Override
    public int readStatus() {
        if (status == 0) {
            // A reset is over when the back-end has let go of memory.
            return ending == null || endNow() ? 0 : DeviceStatus.NEEDS_RESET;
        }
        if (session == null || ending != null) {
            return status | wishForReset();
        }
        look();
        int read = status;
        if (trouble == null && (status & DeviceStatus.FEATURES_OK) != 0) {
            read = asked(read);
        }
        return trouble != null || featuresRefused ? read & ~DeviceStatus.FEATURES_OK | wishForReset() : read;
    }

    private int wishForReset() {
        return trouble != null ? DeviceStatus.NEEDS_RESET : 0;
    }

    private int asked(int told) {
        try {
            int read = session.askStatus(told);
            if ((read & DeviceStatus.NEEDS_RESET) != 0) {
                trouble = "%s: the device asks to be reset".formatted(channel.name());
            }
            return read;
        } catch (VhostUserException e) {
            lost(e);
            return told;
        }
    }

    private void look() {
        if (trouble != null) {
            return;
        }
        try {
            session.look(cpu.nanoTime());
            if (ringSignals != null && ringSignals.errorSeen()) {
                throw session.ringError();
            }
        } catch (VhostUserException e) {
            lost(e);
        }
    }

    @Override
    public void writeStatus(int value) {
        status = value;
        if (value == 0) {
            featuresRefused = false;
            reset();
        } else if (session != null && ending == null) {
            attempt(open -> open.tellStatus(value));
        }
    }

    // ---- reset

    private void reset() {
        if (session == null || ending != null) {
            return;
        }
        look();
        if (trouble == null && session.canReset() && attempt(Session::reset)) {
            stopped();
            return;
        }
        if (!session.memoryGiven()) {
            // It was never let at anything.
            forgetSession();
            return;
        }
        if (trouble == null) {
            attempt(Session::lastWords);
        }
        end();
    }

    private void end() {
        closeSignals();
        ending = new LettingGo(session, channel, cpu);
    }

    private boolean endNow() {
        if (ending.isOver()) {
            forgetSession();
            return true;
        }
        if (ending.trouble() != null) {
            trouble = ending.trouble();
        }
        return false;
    }

    /** The back-end has let go of memory, or never had it. */
    private void forgetSession() {
        stopped();
        session.close();
        session = null;
        ending = null;
        trouble = null;
    }

    private void stopped() {
        closeSignals();
        rings.forEach(ring -> ring.kick().close());
        rings.clear();
        Arrays.fill(doorbells, null);
        started = false;
    }

    private void closeSignals() {
        if (ringSignals != null) {
            ringSignals.close();
            ringSignals = null;
        }
    }

    // ---- configuration

    @Override
    public int configGeneration() {
        attempt(open -> open.configuration().bringUpToDate());
        return configuration.generation();
    }

    @Override
    public int configLength() {
        return configuration.length();
    }

    @Override
    public int readConfig8(int offset) {
        return configuration.byteAt(checked(offset, 1));
    }

    @Override
    public int readConfig16(int offset) {
        int at = checked(offset, 2);
        return configuration.byteAt(at) | configuration.byteAt(at + 1) << 8;
    }

    @Override
    public int readConfig32(int offset) {
        int at = checked(offset, 4);
        return readConfig16(at) | readConfig16(at + 2) << 16;
    }

    @Override
    public void writeConfig8(int offset, int value) {
        int at = checked(offset, 1);
        attempt(open -> open.configuration().write(at, value));
    }

    private int checked(int offset, int width) {
        if (offset < 0 || offset % width != 0 || offset > configLength() - width) {
            throw new IndexOutOfBoundsException("%s: configuration offset %d, width %d, of %d bytes"
                    .formatted(channel.name(), offset, width, configLength()));
        }
        return offset;
    }

    // ---- queues

    @Override
    public int maximumQueueSize(int queue) {
        return session != null && queue < session.queues() ? MOST_ENTRIES : 0;
    }

    @Override
    public void connectInterrupts(InterruptMode mode, int queues, DeviceSignals signals) throws ProbeRefusedException {
        if (mode == InterruptMode.INTX) {
            throw new ProbeRefusedException(
                    "%s: a process has no interrupt line; try --irq msix or polled".formatted(channel.name()));
        }
        closeSignals();
        if (session != null && ending == null) {
            try {
                ringSignals = RingSignals.open(channel, session, mode, router, queues, signals);
            } catch (UncheckedIOException e) {
                throw new ProbeRefusedException(e.getMessage());
            }
        }
    }

    /** Notes the queue: the back-end is told of it when it has memory. */
    @Override
    public void enableQueue(int queue, QueueAddresses addresses) throws ProbeRefusedException {
        Doorbell kick;
        try {
            kick = channel.doorbell();
        } catch (UncheckedIOException e) {
            throw new ProbeRefusedException(e.getMessage());
        }
        rings.add(new Ring(queue, addresses, kick));
        if (queue >= doorbells.length) {
            doorbells = Arrays.copyOf(doorbells, queue + 1);
        }
        doorbells[queue] = kick;
    }

    @Override
    public void resetQueue(int queue) {
        throw new IllegalStateException(channel.name() + ": RING_RESET is never accepted here; reset the device");
    }

    @Override
    public boolean queueResetDone(int queue) {
        return false;
    }

    @Override
    public void notifyQueue(int queue, int offset) {
        // A write to an eventfd orders what was stored before it for whoever reads it.
        doorbells[queue].ring();
    }

    // ---- memory

    @Override
    public void allowDma() throws ProbeRefusedException {
        started = true;
        boolean done =
                trouble == null && session != null && ending == null && attempt(open -> open.start(rings, ringSignals));
        if (!done) {
            throw new ProbeRefusedException(
                    trouble != null ? trouble : channel.name() + ": there is no session; reset the device");
        }
    }

    /** Ends the session when rings may run in memory that it was given; one that was reset has none. */
    @Override
    public void forbidDma() {
        if (session != null && ending == null && started) {
            end();
        }
    }

    @Override
    public void close() {
        if (session != null) {
            forgetSession();
        }
        closeSignals();
    }

    // ---- trouble

    /** Something that is said to the back-end. */
    @FunctionalInterface
    private interface Saying {
        void over(Session open) throws VhostUserException;
    }

    /** Says something; when that fails, the session is broken from then on. */
    private boolean attempt(Saying saying) {
        if (session == null || trouble != null) {
            return false;
        }
        try {
            saying.over(session);
            return true;
        } catch (VhostUserException e) {
            lost(e);
            return false;
        }
    }

    private void lost(VhostUserException e) {
        trouble = e.getMessage();
    }
}
