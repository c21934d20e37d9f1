package dev.postern.virtio.rng;

import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaDirection;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.DeviceAwayException;
import dev.postern.virtio.DeviceBrokenException;
import dev.postern.virtio.DeviceDeadException;
import dev.postern.virtio.DeviceType;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.RequestTimeoutException;
import dev.postern.virtio.RingFeatures;
import dev.postern.virtio.VirtioException;
import dev.postern.virtio.device.VirtioDevice;
import dev.postern.virtio.device.VirtioDriver;
import dev.postern.virtio.queue.QueueBrokenException;
import dev.postern.virtio.queue.QueueOptions;
import dev.postern.virtio.queue.Virtqueue;
import java.time.Duration;
import java.util.Map;

/**
 * A source of random bytes. One request at a time, in a queue of any size, even one entry.
 *
 * <p>A device that breaks its ring or asks for a reset is reset and brought back, and asked again, up to {@value #ATTEMPTS} times in all.
 *
 * <p><b>Threads:</b> the thread that owns the {@link VirtioDevice}.
 *
 * <p>What the device returns is only as random as its host is honest.
 */
public final class RngDevice implements VirtioDriver {

    /** Device type 4. It has no features of its own. */
    public static final DeviceType TYPE = new DeviceType(4, "rng", Map.of());

    /** How often a request is sent when the device breaks in between. */
    public static final int ATTEMPTS = 3;

    private static final int REQUEST_BYTES = 4096;
    private static final int QUEUE_SIZE = 8;
    private static final int EMPTY_ANSWERS = 16;
    private static final Duration DEADLINE = Duration.ofSeconds(30);
    /** How long a device that wants to be reset may go unnoticed when it does not signal that. */
    private static final long HEALTH_CHECK_NANOS = 100_000_000;

    private final VirtioDevice device;
    private final DmaContext dma;
    private final FrameAllocator frames;
    private final Virtqueue queue;
    private final PhysRange page;
    /** Why no request is made any more. */
    private VirtioException gone;
    /** Whether the device may still use what was mapped for it; a {@link DeviceDeadException} says so. */
    private DeviceDeadException dead;

    private RngDevice(VirtioDevice device, DmaContext dma, FrameAllocator frames) throws ProbeRefusedException {
        this.device = device;
        this.dma = dma;
        this.frames = frames;
        QueueOptions ring = device.queueOptions(0, QUEUE_SIZE, 1);
        page = frames.allocate(REQUEST_BYTES, FrameRequest.ANY);
        try {
            queue = Virtqueue.open(ring, dma);
        } catch (RuntimeException e) {
            frames.free(page);
            throw e;
        }
        device.addQueue(queue);
    }

    /** The features this driver makes use of: those of its ring. */
    public static FeatureSet supportedFeatures() {
        return RingFeatures.SUPPORTED;
    }

    /**
     * Starts a negotiated device.
     *
     * @param device negotiated, not yet live; owned by this object from now on
     * @throws ProbeRefusedException when its queue cannot be used; the device was given up then
     */
    public static RngDevice open(VirtioDevice device, DmaContext dma, FrameAllocator frames)
            throws ProbeRefusedException {
        RngDevice rng;
        try {
            rng = new RngDevice(device, dma, frames);
        } catch (ProbeRefusedException | RuntimeException e) {
            device.giveUp();
            throw e;
        }
        try {
            device.goLive();
        } catch (ProbeRefusedException | RuntimeException e) {
            frames.free(rng.page);
            throw e;
        }
        return rng;
    }

    @Override
    public String name() {
        return device.name();
    }

    /**
     * Fills an array with random bytes, in as many requests as it takes.
     *
     * @throws VirtioException when the device breaks again and again, dies, does not answer in time, or answers without a byte
     *     again and again; what the array holds then is not all random
     */
    public void fill(byte[] into) throws VirtioException {
        int at = 0;
        int empty = 0;
        int broken = 0;
        while (at < into.length) {
            int got;
            try {
                got = request(into, at);
            } catch (DeviceBrokenException e) {
                // It was brought back; the request is not lost.
                broken++;
                if (broken == ATTEMPTS) {
                    throw e;
                }
                continue;
            }
            broken = 0;
            at += got;
            // entropy:41 has the device return at least one byte; one that does not must not keep us here for ever.
            empty = got == 0 ? empty + 1 : 0;
            if (empty == EMPTY_ANSWERS) {
                throw new DeviceBrokenException(
                        "%s: the device answered %d times without a byte".formatted(name(), empty));
            }
        }
    }

    @Override
    public void close() throws DeviceDeadException {
        device.close();
        if (dead != null) {
            // It came out of reset after all, but too late: a mapping is left, and its context must stay open.
            throw dead;
        }
        frames.free(page);
    }

    /**
     * One request; returns how many bytes came.
     *
     * @throws DeviceBrokenException when the device broke, and was brought back
     */
    private int request(byte[] into, int at) throws VirtioException {
        if (gone != null) {
            throw gone;
        }
        int wanted = (int) Math.min(Math.min(REQUEST_BYTES, dma.largestMapping()), into.length - at);
        long token = dma.map(page.basePa(), wanted, DmaDirection.FROM_DEVICE);
        int got;
        try {
            // entropy:34: only buffers that the device writes.
            if (!queue.begin(1)) {
                throw new IllegalStateException("an empty queue has room for one buffer");
            }
            queue.writable(dma.deviceAddress(token), wanted);
            queue.commit();
            got = await();
        } catch (QueueBrokenException e) {
            recover(token, wanted);
            throw new DeviceBrokenException(e.getMessage() + "; the device was reset");
        } catch (DeviceBrokenException | RequestTimeoutException e) {
            recover(token, wanted);
            throw e;
        }
        // entropy:36: only what the device says it wrote, which the queue has checked, is random.
        dma.unmap(token, wanted, DmaDirection.FROM_DEVICE, got);
        frames.memory().slice(page.basePa(), wanted).asByteBuffer().get(0, into, at, got);
        return got;
    }

    private int await() throws QueueBrokenException, DeviceBrokenException, RequestTimeoutException {
        if (queue.publish()) {
            device.notifyQueue(0);
        }
        long now = device.cpu().nanoTime();
        long deadline = now + DEADLINE.toNanos();
        long healthCheck = now + HEALTH_CHECK_NANOS;
        while (true) {
            device.awaitSignal(0, healthCheck - deadline < 0 ? healthCheck : deadline);
            if (queue.pollUsed() != Virtqueue.NONE) {
                return queue.usedLength();
            }
            now = device.cpu().nanoTime();
            if (now - deadline >= 0) {
                throw new RequestTimeoutException("%s: no random bytes within %d s; the device was reset"
                        .formatted(name(), DEADLINE.toSeconds()));
            }
            // Both: a change may be signalled that is none, and a wish for a reset that is not signalled must not cost
            // the deadline.
            if (device.takeConfigurationChange() || now - healthCheck >= 0) {
                healthCheck = now + HEALTH_CHECK_NANOS;
                if (device.needsReset()) {
                    throw new DeviceBrokenException(device.whyReset() + "; the device was reset");
                }
            }
        }
    }

    /** Resets the device and takes the buffer back from it, unless it does not come out of reset. */
    private void recover(long token, int wanted) throws VirtioException {
        try {
            device.recover();
        } catch (DeviceDeadException e) {
            gone = e;
            dead = e;
            throw e;
        } catch (DeviceAwayException | ProbeRefusedException e) {
            gone = e;
            throw e;
        } finally {
            if (dead == null) {
                dma.unmap(token, wanted, DmaDirection.FROM_DEVICE, 0);
            } else {
                dma.quarantine(token, wanted);
            }
        }
    }
}
