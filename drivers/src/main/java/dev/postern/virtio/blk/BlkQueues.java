package dev.postern.virtio.blk;

import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaMappingException;
import dev.postern.dma.PoolFullException;
import dev.postern.virtio.DeviceAwayException;
import dev.postern.virtio.DeviceBrokenException;
import dev.postern.virtio.DeviceDeadException;
import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.RequestTimeoutException;
import dev.postern.virtio.VirtioException;
import dev.postern.virtio.device.VirtioDevice;
import dev.postern.virtio.queue.QueueBrokenException;
import dev.postern.virtio.queue.QueueOptions;
import dev.postern.virtio.queue.Virtqueue;
import java.util.ArrayList;
import java.util.List;

/**
 * All queues of a disk: which one takes the next request, how answers are waited for, and what happens when none comes.
 *
 * <p>What is submitted between two {@link #kick}s goes to one queue while it has room, so that a burst costs one notification; the
 * next burst goes to the next queue.
 *
 * <p>A queue that the device breaks, or on which a request passes its deadline, is reset alone where the device can do that, while the
 * others run on; else the device is reset. What becomes of the requests that were lost with a reset is said in {@link LostRequests}.
 *
 * <p><b>Threads:</b> those of the disk.
 */
final class BlkQueues implements AutoCloseable {

    private static final int DEPTH = 64;
    private static final int QUEUE_SIZE = 256;
    private static final int SHORTEST_CHAIN = BlkQueue.HEADER_AND_STATUS + 1;
    private static final long HEALTH_CHECK_NANOS = 10_000_000;

    private final VirtioDevice device;
    private final WatchedConfiguration configuration;
    private final BlkQueue[] queues;
    private final TransferLimits limits;
    private final WritesInFlight writes;
    private final LostRequests lost;
    private final int depth;
    /** The queue that takes the next request. */
    private int current;
    /** Why no request is taken any more. */
    private DeviceDeadException dead;
    /** Why the device cannot be reached now; null while it can. What was in flight is lost, and waits. */
    private DeviceAwayException away;
    /** Whether the device may still use what was mapped for it. */
    private boolean quarantined;

    private int quarantinedMappings;
    private long queueRecoveries;
    private long nextHealthCheck;

    private BlkQueues(
            VirtioDevice device,
            WatchedConfiguration configuration,
            List<BlkQueue> queues,
            TransferLimits limits,
            WritesInFlight writes) {
        this.device = device;
        this.configuration = configuration;
        this.queues = queues.toArray(BlkQueue[]::new);
        this.limits = limits;
        this.writes = writes;
        lost = new LostRequests(device, this.queues);
        depth = queues.stream().mapToInt(BlkQueue::depth).sum();
        nextHealthCheck = device.cpu().nanoTime();
    }

    /**
     * Makes the queues, at most so many as the device says it has and really has, and adds them to the device.
     *
     * @throws ProbeRefusedException when not even one of them can be used; nothing is kept then but what belongs to the device
     */
    static BlkQueues open(VirtioDevice device, WatchedConfiguration configuration, DmaContext dma, BlkOptions options)
            throws ProbeRefusedException {
        List<QueueOptions> rings = rings(device, Math.min(configuration.now().queues(), options.mostQueues()));
        int shortest = rings.stream().mapToInt(QueueOptions::size).min().orElseThrow();
        TransferLimits limits =
                TransferLimits.of(device.name(), configuration.now(), dma, shortest - BlkQueue.HEADER_AND_STATUS);
        BlkConfiguration now = configuration.now();
        RequestMemory.Ranges ranges = now.discard().isPresent()
                        || now.writeZeroes().isPresent()
                        || now.secureErase().isPresent()
                ? RequestMemory.Ranges.SENT
                : RequestMemory.Ranges.NONE;
        int most = rings.stream().mapToInt(ring -> Math.min(DEPTH, ring.size())).sum();
        WritesInFlight writes =
                new WritesInFlight(ranges == RequestMemory.Ranges.SENT ? most * RequestMemory.MOST_RANGES : most);
        List<BlkQueue> queues = new ArrayList<>();
        try {
            for (QueueOptions ring : rings) {
                Virtqueue queue =
                        Virtqueue.open(ring.withLongestChain(limits.segments() + BlkQueue.HEADER_AND_STATUS), dma);
                device.addQueue(queue);
                queues.add(
                        new BlkQueue(device.name(), queue, dma, limits, Math.min(DEPTH, ring.size()), ranges, writes));
            }
        } catch (RuntimeException e) {
            queues.forEach(BlkQueue::close);
            throw e;
        }
        return new BlkQueues(device, configuration, queues, limits, writes);
    }

    private static List<QueueOptions> rings(VirtioDevice device, int most) throws ProbeRefusedException {
        List<QueueOptions> rings = new ArrayList<>();
        rings.add(device.queueOptions(0, QUEUE_SIZE, QUEUE_SIZE));
        if (rings.getFirst().size() < SHORTEST_CHAIN) {
            throw new ProbeRefusedException(
                    "%s: queue 0 takes %d entries; a request needs a chain of %d, so give the device a queue of at least 4"
                            .formatted(device.name(), device.maximumQueueSize(0), SHORTEST_CHAIN));
        }
        // A device may count queues that it does not have, or that are too short: then those before them do.
        for (int index = 1; index < most && device.maximumQueueSize(index) >= SHORTEST_CHAIN; index++) {
            QueueOptions ring = device.queueOptions(index, QUEUE_SIZE, QUEUE_SIZE);
            if (ring.size() < SHORTEST_CHAIN) {
                break;
            }
            rings.add(ring);
        }
        return rings;
    }

    int count() {
        return queues.length;
    }

    /** How many requests may be in flight, over all queues. */
    int depth() {
        return depth;
    }

    TransferLimits limits() {
        return limits;
    }

    /** How often one queue alone was reset and brought back. */
    long queueRecoveries() {
        return queueRecoveries;
    }

    int quarantinedMappings() {
        return quarantinedMappings;
    }

    /** Whether the device may still use what was mapped for it. */
    boolean quarantined() {
        return quarantined;
    }

    /** Refuses when no request is taken any more. */
    void requireAlive() throws DeviceDeadException {
        if (dead != null) {
            throw dead;
        }
    }

    boolean hasFreeRequest() {
        for (BlkQueue queue : queues) {
            if (queue.hasFreeRequest()) {
                return true;
            }
        }
        return false;
    }

    /**
     * A request for the caller to fill and {@link #submit}.
     *
     * @param bytes how much data it will have; the queue is chosen that has room for it now, if there is one
     */
    BlkRequest take(long bytes) {
        for (int i = 0; i < queues.length; i++) {
            int index = current + i < queues.length ? current + i : current + i - queues.length;
            if (queues[index].hasRoom(bytes)) {
                current = index;
                return queues[index].take();
            }
        }
        for (BlkQueue queue : queues) {
            if (queue.hasFreeRequest()) {
                return queue.take();
            }
        }
        throw new IllegalStateException(device.name() + ": no free request; await one first");
    }

    /**
     * Posts a request, waiting for others to be answered while one of them writes to the same sectors, or ring or pool have no room.
     *
     * @throws VirtioException when that takes too long, or no request is taken any more; the request is given back then
     * @throws DmaMappingException when its buffer cannot be mapped; the request is given back then
     */
    void submit(BlkRequest request) throws VirtioException {
        try {
            holdBehindWrites(request);
            post(request);
        } catch (VirtioException | DmaMappingException e) {
            request.queue.giveBack(request);
            throw e;
        }
    }

    /** Holds a request back while one in flight writes to the same sectors. That one's deadline bounds the wait. */
    private void holdBehindWrites(BlkRequest request) throws VirtioException {
        BlkRequest earlier;
        while ((earlier = writes.overlapping(request)) != null) {
            settle(earlier);
            requireAlive();
        }
    }

    private void post(BlkRequest request) throws VirtioException {
        while (true) {
            try {
                if (away == null && request.queue.post(request)) {
                    return;
                }
            } catch (QueueBrokenException e) {
                recover(request.queue, e.getMessage());
                requireAlive();
                continue;
            } catch (PoolFullException e) {
                // Requests in flight hold what is missing and will give it back; without any, nobody ever will.
                if (inFlight() == 0) {
                    throw e;
                }
            }
            kick();
            request.startTime(device.cpu().nanoTime());
            waitForAnswers(request.deadlineNanos);
            requireAlive();
            if (passed(request.deadlineNanos)) {
                throw away != null
                        ? stillAway(request)
                        : new RequestTimeoutException("%s: %s found no room in ring or pool within %d s"
                                .formatted(device.name(), request, request.allowed.toSeconds()));
            }
        }
    }

    /** Shows submitted requests to the device. */
    void kick() {
        boolean shown = false;
        for (BlkQueue queue : queues) {
            if (queue.hasUnshown()) {
                shown = true;
                if (queue.publish(device.cpu().nanoTime())) {
                    device.notifyQueue(queue.index());
                }
            }
        }
        if (shown) {
            current = current + 1 < queues.length ? current + 1 : 0;
        }
    }

    /**
     * Waits for the answer to a request, and gives the request back.
     *
     * @return what went wrong, or null
     */
    VirtioException await(BlkRequest request) throws VirtioException {
        settle(request);
        VirtioException failure = request.failure;
        request.queue.giveBack(request);
        return failure;
    }

    /** Waits until nothing is in flight. The answers stay for those who submitted. */
    void drain() throws VirtioException {
        for (BlkQueue queue : queues) {
            for (BlkRequest request : queue.requests()) {
                if (request.unanswered()) {
                    settle(request);
                }
            }
        }
    }

    private void settle(BlkRequest request) throws VirtioException {
        kick();
        while (request.unanswered()) {
            waitForAnswers(request.deadlineNanos);
            if (request.unanswered() && passed(request.deadlineNanos)) {
                if (away != null) {
                    request.queue.finish(request, stillAway(request));
                } else if (request.state == BlkRequest.State.LOST) {
                    lost.answerUntried(request);
                } else {
                    recover(request.queue, "%s passed its deadline".formatted(request));
                }
            }
        }
    }

    private RequestTimeoutException stillAway(BlkRequest request) {
        return new RequestTimeoutException("%s: %s was not answered within %d s, because the device is away: %s"
                .formatted(device.name(), request, request.allowed.toSeconds(), away.getMessage()));
    }

    private int inFlight() {
        int count = 0;
        for (BlkQueue queue : queues) {
            count += queue.inFlight();
        }
        return count;
    }

    // ---- waiting

    /** One turn of waiting: looks for answers when there may be some, and after the device's health now and then. */
    private void waitForAnswers(long deadlineNanos) throws VirtioException {
        if (away != null) {
            returnFromAway();
            return;
        }
        // A difference, because the clock's origin is arbitrary.
        boolean checkFirst = nextHealthCheck - deadlineNanos < 0;
        boolean look = device.awaitAnySignal(checkFirst ? nextHealthCheck : deadlineNanos);
        if (look || passed(deadlineNanos)) {
            reapOrRecover();
        }
        if (dead == null) {
            boolean signalled = device.takeConfigurationChange();
            if (signalled || passed(nextHealthCheck)) {
                nextHealthCheck = device.cpu().nanoTime() + HEALTH_CHECK_NANOS;
                checkHealth(signalled);
            }
        }
        if (lost.sendNext()) {
            kick();
        }
    }

    private boolean passed(long deadlineNanos) {
        return device.cpu().nanoTime() - deadlineNanos >= 0;
    }

    private void reapOrRecover() throws VirtioException {
        for (BlkQueue queue : queues) {
            if (queue.inFlight() > 0) {
                try {
                    queue.reap();
                } catch (QueueBrokenException e) {
                    recover(queue, e.getMessage());
                }
            }
        }
    }

    private void checkHealth(boolean signalled) throws VirtioException {
        if (device.needsReset()) {
            recoverDevice(device.whyReset());
            return;
        }
        try {
            // blk:868: the capacity may have changed.
            if (signalled) {
                configuration.readAgain();
            } else {
                configuration.look();
            }
        } catch (ProbeRefusedException | DeviceBrokenException e) {
            recoverDevice(e.getMessage());
        }
    }

    // ---- recovery

    /** Resets one queue alone when the device can, and sends again what was in it; else the device. */
    private void recover(BlkQueue queue, String why) {
        if (device.canResetQueues()) {
            try {
                device.recoverQueue(queue.index());
                queueRecoveries++;
                lost.lose(queue);
                lost.sendAgain(queue, why);
                kick();
                return;
            } catch (DeviceDeadException e) {
                quarantine(e);
                return;
            } catch (ProbeRefusedException e) {
                // It was reset as a whole then, and must be brought back.
                recoverDevice("%s; %s".formatted(why, e.getMessage()));
                return;
            }
        }
        recoverDevice(why);
    }

    /** Tries to reach a device that was away, at most once in a while. */
    private void returnFromAway() {
        String why = away.getMessage();
        if (passed(nextHealthCheck)) {
            recoverDevice(why);
            nextHealthCheck = device.cpu().nanoTime() + HEALTH_CHECK_NANOS;
        } else {
            device.cpu().halt(nextHealthCheck);
        }
    }

    /** Resets the device, brings it back and sends again what was in flight. */
    private void recoverDevice(String why) {
        try {
            device.recover(this::takeLastAnswers);
        } catch (DeviceDeadException e) {
            quarantine(e);
            return;
        } catch (DeviceAwayException e) {
            away = e;
            lost.loseAll();
            return;
        } catch (ProbeRefusedException e) {
            lost.loseAll();
            lost.answerAll(e);
            away = null;
            dead = new DeviceDeadException("%s: not usable any more: %s".formatted(device.name(), e.getMessage()));
            return;
        }
        away = null;
        configuration.restoreAfterReset();
        // The device may have come back as another one: look before long.
        nextHealthCheck = device.cpu().nanoTime();
        lost.loseAll();
        // Only now: what is sent again takes mappings that others had before.
        lost.sendAllAgain(why);
        kick();
    }

    /**
     * Takes what was answered before a reset, so that it is not sent again. Answers behind a broken one are lost with it: nothing in a ring
     * is believed from there on.
     */
    private void takeLastAnswers() {
        for (BlkQueue queue : queues) {
            if (queue.inFlight() > 0) {
                try {
                    queue.reap();
                } catch (QueueBrokenException e) {
                    // What is still in flight is sent again.
                    continue;
                }
            }
        }
    }

    // ---- the end

    /** The device did not come out of reset: what it has stays where it is, for ever. */
    void quarantine(DeviceDeadException why) {
        dead = why;
        away = null;
        quarantined = true;
        for (BlkQueue queue : queues) {
            quarantinedMappings += queue.quarantineInFlight(why);
        }
        // Of what was lost before, while the device was away, it has nothing.
        lost.answerAll(why);
    }

    /** Answers what is in flight and gives everything back. The device has been reset. */
    @Override
    public void close() {
        lost.loseAll();
        lost.answerAll(new DeviceBrokenException("%s: closed".formatted(device.name())));
        for (BlkQueue queue : queues) {
            queue.close();
        }
    }
}
