package dev.postern.virtio.blk;

import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaMappingException;
import dev.postern.dma.PoolFullException;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.DeviceBrokenException;
import dev.postern.virtio.DeviceDeadException;
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
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A disk. Addresses are in sectors of 512 bytes, whatever the device's block size.
 *
 * <p>Requests are submitted, shown to the device by {@link #kick}, and awaited; several may be in flight, and the device may
 * carry them out in any order. {@link #read}, {@link #write} and {@link #flush} do all of that and return when the device has
 * answered.
 *
 * <p>A device that breaks its ring or asks for a reset is reset and brought back, and what was in flight is sent again, up to
 * {@value #ATTEMPTS} times in all. A request whose deadline passes fails, and the device is reset, so that its buffers are
 * free of it. Every request is answered exactly once.
 *
 * <p><b>Threads:</b> one thread owns the disk. <b>Buffers</b> lie in guest RAM and belong to the device from submission until
 * the answer.
 */
public final class BlkDevice implements VirtioDriver {

    /** How often a request is sent when the device breaks in between. */
    public static final int ATTEMPTS = 3;

    /** How long a request may take when nothing else is said. */
    public static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(30);

    /** The longest string that names a disk, in bytes (blk:886). */
    private static final int ID_BYTES = 20;

    private static final int DEPTH = 64;
    private static final int QUEUE_SIZE = 256;
    private static final int HEADER_AND_STATUS = 2;
    private static final long HEALTH_CHECK_NANOS = 10_000_000;
    private static final long LARGEST_TRANSFER = 4 << 20;

    private final VirtioDevice device;
    private final FrameAllocator frames;
    private final BlkQueue requests;
    private final long largestTransfer;
    private BlkConfiguration configuration;
    private Duration deadline = DEFAULT_DEADLINE;
    /** Why no request is taken any more. */
    private DeviceDeadException dead;
    /** Whether the device may still use what was mapped for it. */
    private boolean quarantined;

    private int quarantinedMappings;
    private long nextHealthCheck;

    private BlkDevice(VirtioDevice device, DmaContext dma, FrameAllocator frames)
            throws ProbeRefusedException, DeviceBrokenException {
        this.device = device;
        this.frames = frames;
        nextHealthCheck = device.cpu().nanoTime();
        configuration = BlkConfiguration.read(device);
        int segmentLimit =
                (int) Math.min(configuration.largestSegment(), dma.largestMapping()) & -BlkConfiguration.SECTOR;
        if (segmentLimit == 0) {
            throw new ProbeRefusedException("%s: mappings of at most %d bytes cannot carry a sector of %d"
                    .formatted(device.name(), dma.largestMapping(), BlkConfiguration.SECTOR));
        }
        QueueOptions ring = device.queueOptions(0, QUEUE_SIZE, QUEUE_SIZE);
        int size = ring.size();
        if (size < HEADER_AND_STATUS + 1) {
            throw new ProbeRefusedException(
                    "%s: queue 0 takes %d entries; a request needs a chain of %d, so give the device a queue of at least 4"
                            .formatted(device.name(), device.maximumQueueSize(0), HEADER_AND_STATUS + 1));
        }
        int mostSegments = Math.min(configuration.mostSegments(), size - HEADER_AND_STATUS);
        Virtqueue queue = Virtqueue.open(ring.withLongestChain(mostSegments + HEADER_AND_STATUS), dma);
        device.addQueue(queue);
        requests = new BlkQueue(device.name(), queue, dma, frames, segmentLimit, mostSegments, Math.min(DEPTH, size));
        long mappable = Math.min(dma.largestRequest(), (long) segmentLimit * mostSegments);
        largestTransfer = Math.min(LARGEST_TRANSFER, mappable) & -BlkConfiguration.SECTOR;
    }

    /** The features this driver makes use of, beside those that the DMA decision accepts. */
    public static FeatureSet supportedFeatures() {
        return RingFeatures.SUPPORTED.union(FeatureSet.of(
                BlkFeatures.SIZE_MAX, BlkFeatures.SEG_MAX, BlkFeatures.RO, BlkFeatures.BLK_SIZE, BlkFeatures.FLUSH));
    }

    /**
     * Starts a negotiated device as a disk.
     *
     * @param device negotiated, not yet live; owned by the disk from now on
     * @param dma the device's context; stays open longer than the disk
     * @param frames for headers and short buffers
     * @throws ProbeRefusedException when its configuration or queue cannot be used; the device was given up then
     * @throws DeviceBrokenException when its configuration never holds still; the device was given up then
     */
    public static BlkDevice open(VirtioDevice device, DmaContext dma, FrameAllocator frames)
            throws ProbeRefusedException, DeviceBrokenException {
        BlkDevice disk;
        try {
            disk = new BlkDevice(device, dma, frames);
        } catch (ProbeRefusedException | DeviceBrokenException | RuntimeException e) {
            device.giveUp();
            throw e;
        }
        try {
            device.goLive();
        } catch (ProbeRefusedException | RuntimeException e) {
            disk.requests.close();
            throw e;
        }
        return disk;
    }

    @Override
    public String name() {
        return device.name();
    }

    /** Size in sectors; may change while the disk is open, see {@link #configuration()}. */
    public long sectors() {
        return configuration.capacitySectors();
    }

    /** What the device says of itself, as last read. */
    public BlkConfiguration configuration() {
        return configuration;
    }

    /** Whether the disk takes no writes. */
    public boolean readOnly() {
        return device.accepted().has(BlkFeatures.RO);
    }

    /** Whether the device has a cache that must be flushed for writes to last. */
    public boolean hasCache() {
        return device.accepted().has(BlkFeatures.FLUSH);
    }

    /** The most bytes of one request; whole sectors. */
    public long largestTransfer() {
        return largestTransfer;
    }

    /** How many requests may be in flight. */
    public int depth() {
        return requests.depth();
    }

    /** How often the device was reset and brought back. */
    public long recoveries() {
        return device.recoveries();
    }

    /** Mappings that stay for ever because the device did not come out of reset. */
    public int quarantinedMappings() {
        return quarantinedMappings;
    }

    /** Sets how long requests submitted from now on may take. */
    public void requestDeadline(Duration limit) {
        deadline = limit;
    }

    /** Whether a request can be submitted before another is awaited. */
    public boolean hasRoom() {
        return requests.hasFreeRequest();
    }

    /**
     * Submits a read. The device may see it at once or at the next {@link #kick}.
     *
     * @param sector the first sector
     * @param pa guest-physical address of the buffer, inside one RAM region
     * @param bytes whole sectors, 512 to {@link #largestTransfer()}
     */
    public BlkRequest submitRead(long sector, long pa, long bytes) throws VirtioException {
        checkRange(sector, bytes);
        return submit(BlkOperation.READ, sector, pa, bytes);
    }

    /** Submits a write; as {@link #submitRead}. */
    public BlkRequest submitWrite(long sector, long pa, long bytes) throws VirtioException {
        if (readOnly()) {
            throw new BlkReadOnlyException("%s: the disk is read-only".formatted(name()));
        }
        checkRange(sector, bytes);
        return submit(BlkOperation.WRITE, sector, pa, bytes);
    }

    /** Shows submitted requests to the device. */
    public void kick() {
        if (requests.publish()) {
            device.notifyQueue(0);
        }
    }

    /**
     * Waits for the answer to a request, and gives the request back.
     *
     * @throws VirtioException what the device answered, or why it did not
     */
    public void await(BlkRequest request) throws VirtioException {
        kick();
        while (!request.done()) {
            waitForAnswers(request.deadlineNanos);
            if (!request.done() && passed(request.deadlineNanos)) {
                recover("%s passed its deadline".formatted(request));
            }
        }
        VirtioException failure = request.failure;
        requests.giveBack(request);
        if (failure != null) {
            throw failure;
        }
    }

    /**
     * Reads whole sectors.
     *
     * @param sector the first sector
     * @param pa guest-physical address of the buffer, inside one RAM region
     * @param bytes whole sectors, any number
     */
    public void read(long sector, long pa, long bytes) throws VirtioException {
        transfer(BlkOperation.READ, sector, pa, bytes);
    }

    /** Writes whole sectors; as {@link #read}. They last only after a {@link #flush}. */
    public void write(long sector, long pa, long bytes) throws VirtioException {
        transfer(BlkOperation.WRITE, sector, pa, bytes);
    }

    /**
     * Makes every write that was answered before last. Without a cache there is nothing to do.
     *
     * @throws VirtioException when the device cannot say so
     */
    public void flush() throws VirtioException {
        if (hasCache()) {
            // blk:876: sector 0, no data.
            await(submit(BlkOperation.FLUSH, 0, 0, 0));
        }
    }

    /** The name the host gave the disk, at most 20 characters; empty when it gave none. */
    public String id() throws VirtioException {
        PhysRange page = frames.allocate(ID_BYTES, FrameRequest.ANY);
        try {
            await(submit(BlkOperation.GET_ID, 0, page.basePa(), ID_BYTES));
            byte[] raw =
                    frames.memory().slice(page.basePa(), ID_BYTES).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
            int end = 0;
            while (end < raw.length && raw[end] != 0) {
                end++;
            }
            return new String(raw, 0, end, StandardCharsets.ISO_8859_1);
        } finally {
            release(page);
        }
    }

    @Override
    public void close() throws DeviceDeadException {
        try {
            device.close();
        } catch (DeviceDeadException e) {
            quarantine(e);
            throw e;
        }
        if (quarantined) {
            // It came out of reset after all, but too late: its mappings are left, and its context must stay open.
            throw dead;
        }
        requests.releaseInFlight(
                request -> requests.finish(request, new DeviceBrokenException("%s: closed".formatted(name()))));
        requests.close();
    }

    /** Gives a buffer of requests back to the allocator, unless the device died and may still write to it. */
    public void release(PhysRange buffer) {
        if (!quarantined) {
            frames.free(buffer);
        }
    }

    private void transfer(BlkOperation operation, long sector, long pa, long bytes) throws VirtioException {
        Exception first = null;
        long submitted = 0;
        BlkRequest[] pending = new BlkRequest[(int) Math.min(depth(), (bytes + largestTransfer - 1) / largestTransfer)];
        int oldest = 0;
        int count = 0;
        while (count > 0 || (first == null && submitted < bytes)) {
            if (first == null && submitted < bytes && count < pending.length && (count == 0 || hasRoom())) {
                long part = Math.min(largestTransfer, bytes - submitted);
                long at = sector + submitted / BlkConfiguration.SECTOR;
                try {
                    pending[(oldest + count) % pending.length] = operation == BlkOperation.READ
                            ? submitRead(at, pa + submitted, part)
                            : submitWrite(at, pa + submitted, part);
                    count++;
                    submitted += part;
                } catch (VirtioException | DmaMappingException e) {
                    first = e;
                }
                continue;
            }
            // Whatever fails, every buffer is the caller's again before this returns.
            try {
                await(pending[oldest]);
            } catch (VirtioException e) {
                first = first == null ? e : first;
            }
            oldest = (oldest + 1) % pending.length;
            count--;
        }
        if (first instanceof VirtioException failure) {
            throw failure;
        }
        if (first instanceof DmaMappingException failure) {
            throw failure;
        }
    }

    private BlkRequest submit(BlkOperation operation, long sector, long pa, long bytes) throws VirtioException {
        if (dead != null) {
            throw dead;
        }
        BlkRequest request = requests.take();
        request.operation = operation;
        request.sector = sector;
        request.pa = pa;
        request.length = bytes;
        request.deadlineNanos = device.cpu().nanoTime() + deadline.toNanos();
        try {
            post(request);
        } catch (VirtioException | DmaMappingException e) {
            requests.giveBack(request);
            throw e;
        }
        return request;
    }

    /** Posts a request, waiting for others to be answered while the ring has no room. */
    private void post(BlkRequest request) throws VirtioException {
        while (true) {
            try {
                if (requests.post(request)) {
                    return;
                }
            } catch (QueueBrokenException e) {
                recover(e.getMessage());
                if (dead != null) {
                    throw dead;
                }
                continue;
            } catch (PoolFullException e) {
                // Requests in flight hold what is missing and will give it back; without any, nobody ever will.
                if (requests.inFlight() == 0) {
                    throw e;
                }
            }
            kick();
            waitForAnswers(request.deadlineNanos);
            if (dead != null) {
                throw dead;
            }
            if (passed(request.deadlineNanos)) {
                throw new RequestTimeoutException("%s: %s found no room in ring or pool within %d s"
                        .formatted(name(), request, deadline.toSeconds()));
            }
        }
    }

    /** One turn of waiting: looks for answers when there may be some, and after the device's health now and then. */
    private void waitForAnswers(long deadlineNanos) throws VirtioException {
        // A difference, because the clock's origin is arbitrary.
        boolean checkFirst = nextHealthCheck - deadlineNanos < 0;
        boolean look = device.awaitSignal(0, checkFirst ? nextHealthCheck : deadlineNanos);
        if (look || passed(deadlineNanos)) {
            reapOrRecover();
        }
        if (dead == null && (device.takeConfigurationChange() || passed(nextHealthCheck))) {
            nextHealthCheck = device.cpu().nanoTime() + HEALTH_CHECK_NANOS;
            checkHealth();
        }
    }

    private boolean passed(long deadlineNanos) {
        return device.cpu().nanoTime() - deadlineNanos >= 0;
    }

    private void reapOrRecover() throws VirtioException {
        try {
            requests.reap();
        } catch (QueueBrokenException e) {
            recover(e.getMessage());
        }
    }

    private void checkHealth() throws VirtioException {
        if (device.needsReset()) {
            recover("%s asks to be reset".formatted(name()));
        } else {
            try {
                // blk:868: the capacity may have changed.
                configuration = BlkConfiguration.read(device);
            } catch (ProbeRefusedException | DeviceBrokenException e) {
                recover(e.getMessage());
            }
        }
    }

    /**
     * Resets the device, brings it back and sends again what was in flight. Requests past their deadline, or sent too often,
     * are answered with a failure instead.
     */
    private void recover(String why) throws VirtioException {
        try {
            device.recover();
        } catch (DeviceDeadException e) {
            quarantine(e);
            return;
        } catch (ProbeRefusedException e) {
            requests.releaseInFlight(request -> requests.finish(request, e));
            dead = new DeviceDeadException("%s: not usable any more: %s".formatted(name(), e.getMessage()));
            return;
        }
        long now = device.cpu().nanoTime();
        requests.releaseInFlight(request -> {
            if (now - request.deadlineNanos >= 0) {
                requests.finish(
                        request,
                        new RequestTimeoutException("%s: %s was not answered within %d s; the device was reset"
                                .formatted(name(), request, deadline.toSeconds())));
            } else if (request.attempts >= ATTEMPTS) {
                requests.finish(
                        request,
                        new DeviceBrokenException("%s: %s was sent %d times; each time the device broke: %s"
                                .formatted(name(), request, request.attempts, why)));
            } else {
                sendAgain(request);
            }
        });
        kick();
    }

    private void quarantine(DeviceDeadException why) {
        dead = why;
        quarantined = true;
        quarantinedMappings += requests.quarantineInFlight(why);
    }

    private void sendAgain(BlkRequest request) {
        try {
            if (!requests.post(request)) {
                throw new IllegalStateException("an emptied ring has room for what was in it");
            }
        } catch (DmaMappingException e) {
            requests.finish(
                    request,
                    new DeviceBrokenException("%s: %s was lost with a reset and cannot be sent again: %s"
                            .formatted(name(), request, e.getMessage())));
        } catch (QueueBrokenException e) {
            throw new IllegalStateException("a restarted queue is whole", e);
        }
    }

    /** blk:871 and blk:879. */
    private void checkRange(long sector, long bytes) throws BlkRangeException {
        if (bytes < BlkConfiguration.SECTOR || bytes % BlkConfiguration.SECTOR != 0 || bytes > largestTransfer) {
            throw new BlkRangeException("%s: %d bytes; give whole sectors of %d, at most %d bytes a request"
                    .formatted(name(), bytes, BlkConfiguration.SECTOR, largestTransfer));
        }
        long count = bytes / BlkConfiguration.SECTOR;
        if (sector < 0 || sector > sectors() - count) {
            throw new BlkRangeException("%s: sectors %d to %d, but the disk ends at %d"
                    .formatted(name(), sector, sector + count - 1, sectors() - 1));
        }
    }
}
