package dev.postern.virtio.blk;

import dev.postern.dma.DmaMappingException;
import dev.postern.dma.PoolFullException;
import dev.postern.virtio.DeviceBrokenException;
import dev.postern.virtio.RequestTimeoutException;
import dev.postern.virtio.VirtioException;
import dev.postern.virtio.device.VirtioDevice;
import dev.postern.virtio.queue.QueueBrokenException;

/**
 * The requests that were in flight when the device or their queue was reset: each is sent again, or answered with the reason why not.
 *
 * <p>A request is sent up to {@link BlkDevice#ATTEMPTS} times. One that was lost with each reset so far may be what breaks the device, so
 * that its last attempt is one which it shares with no other such request, and the innocent are not given up with the guilty. When
 * {@link BlkDevice#ATTEMPTS} of them in a row break the device, it is not the requests, and the others are given up with them.
 *
 * <p><b>Threads:</b> those of the disk.
 */
final class LostRequests {

    private final VirtioDevice device;
    private final BlkQueue[] queues;
    /** Whether requests wait that could not be sent at once, or are to be sent each by itself. */
    private boolean waiting;

    /** How many last attempts in a row broke the device. */
    private int failedTrials;

    LostRequests(VirtioDevice device, BlkQueue[] queues) {
        this.device = device;
        this.queues = queues;
    }

    /** Ends what is in flight in a queue that was reset. */
    void lose(BlkQueue queue) {
        // Before: what was lost with an earlier reset was counted then.
        if (onTrial(queue)) {
            failedTrials++;
        }
        queue.loseInFlight(device.cpu().nanoTime());
    }

    /** Ends what is in flight in a device that was reset. */
    void loseAll() {
        for (BlkQueue queue : queues) {
            lose(queue);
        }
    }

    /**
     * Sends again what was lost with a reset of the device; as {@link #sendAgain}.
     *
     * @param why the device was reset
     */
    void sendAllAgain(String why) {
        for (BlkQueue queue : queues) {
            sendOrAnswer(queue, why, "the device");
        }
        sendOne();
    }

    /**
     * Sends again what was lost with a reset of one queue; requests past their deadline, or sent too often, are answered with a failure.
     * The caller shows what was posted to the device.
     *
     * @param why the queue was reset
     */
    void sendAgain(BlkQueue queue, String why) {
        sendOrAnswer(queue, why, "queue %d".formatted(queue.index()));
        sendOne();
    }

    private void sendOrAnswer(BlkQueue queue, String why, String what) {
        long now = device.cpu().nanoTime();
        for (BlkRequest request : queue.requests()) {
            if (request.state != BlkRequest.State.LOST) {
                continue;
            }
            if (now - request.deadlineNanos >= 0) {
                queue.finish(
                        request,
                        new RequestTimeoutException("%s: %s was not answered within %d s; %s was reset"
                                .formatted(device.name(), request, request.allowed.toSeconds(), what)));
            } else if (request.attempts >= BlkDevice.ATTEMPTS || breaksWithAnything(request)) {
                queue.finish(
                        request,
                        new DeviceBrokenException("%s: %s was sent %d times; each time the device broke: %s"
                                .formatted(device.name(), request, request.attempts, why)));
            } else if (request.attempts == BlkDevice.ATTEMPTS - 1 || !post(request)) {
                waiting = true;
            }
        }
    }

    /** Whether it would be sent by itself, and so many before it broke the device that it is the device. */
    private boolean breaksWithAnything(BlkRequest request) {
        return request.attempts == BlkDevice.ATTEMPTS - 1 && failedTrials >= BlkDevice.ATTEMPTS;
    }

    /**
     * Sends the next request that waits, once the one before it is answered.
     *
     * @return whether there is something to show to the device
     */
    boolean sendNext() {
        if (!waiting || onTrial()) {
            return false;
        }
        // It was answered: then it was not the device that breaks with whatever it is sent.
        failedTrials = 0;
        return sendOne();
    }

    private boolean sendOne() {
        if (!waiting || onTrial()) {
            return false;
        }
        BlkRequest next = first();
        waiting = next != null;
        return next != null && post(next);
    }

    private boolean onTrial() {
        for (BlkQueue queue : queues) {
            if (onTrial(queue)) {
                return true;
            }
        }
        return false;
    }

    private static boolean onTrial(BlkQueue queue) {
        for (BlkRequest request : queue.requests()) {
            if (request.state == BlkRequest.State.IN_FLIGHT && request.attempts == BlkDevice.ATTEMPTS) {
                return true;
            }
        }
        return false;
    }

    private BlkRequest first() {
        for (BlkQueue queue : queues) {
            for (BlkRequest request : queue.requests()) {
                if (request.state == BlkRequest.State.LOST) {
                    return request;
                }
            }
        }
        return null;
    }

    /**
     * Posts a request, or answers it when that will never be possible.
     *
     * @return false when there is no room for it now
     */
    private boolean post(BlkRequest request) {
        try {
            return request.queue.post(request);
        } catch (PoolFullException e) {
            // Requests in flight hold what is missing and will give it back; without any, nobody ever will.
            return !anyInFlight() && answerUnsendable(request, e);
        } catch (DmaMappingException e) {
            return answerUnsendable(request, e);
        } catch (QueueBrokenException e) {
            throw new IllegalStateException("a restarted queue is whole", e);
        }
    }

    private boolean anyInFlight() {
        for (BlkQueue queue : queues) {
            if (queue.inFlight() > 0) {
                return true;
            }
        }
        return false;
    }

    private boolean answerUnsendable(BlkRequest request, DmaMappingException e) {
        request.queue.finish(
                request,
                new DeviceBrokenException("%s: %s was lost with a reset and cannot be sent again: %s"
                        .formatted(device.name(), request, e.getMessage())));
        return true;
    }

    /** Answers a request whose deadline passed while it waited to be sent. */
    void answerUntried(BlkRequest request) {
        request.queue.finish(
                request,
                new RequestTimeoutException(
                        "%s: %s was not answered within %d s: it was lost with %d resets, and waited to be sent by itself"
                                .formatted(device.name(), request, request.allowed.toSeconds(), request.attempts)));
    }

    /** Answers all that were lost with a failure: none is sent again. */
    void answerAll(VirtioException failure) {
        waiting = false;
        for (BlkQueue queue : queues) {
            for (BlkRequest request : queue.requests()) {
                if (request.state == BlkRequest.State.LOST) {
                    queue.finish(request, failure);
                }
            }
        }
    }
}
