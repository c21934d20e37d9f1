package dev.postern.virtio.blk;

import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaMappingException;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.DeviceBrokenException;
import dev.postern.virtio.DeviceDeadException;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.RingFeatures;
import dev.postern.virtio.VirtioException;
import dev.postern.virtio.device.VirtioDevice;
import dev.postern.virtio.device.VirtioDriver;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * A disk. Addresses are in sectors of 512 bytes, whatever the device's block size; requests are of whole blocks, but for the last one
 * of a disk that ends inside a block.
 *
 * <p>Requests are submitted, shown to the device by {@link #kick}, and awaited; several may be in flight, over one or several queues,
 * and the device may carry them out in any order. {@link #read}, {@link #write}, {@link #flush} and the requests about ranges do all
 * of that and return when the device has answered.
 *
 * <p>A device that breaks its ring or asks for a reset is reset and brought back, and what was in flight is sent again, up to
 * {@value #ATTEMPTS} times in all. A request whose deadline passes fails, and the device is reset, so that its buffers are
 * free of it. A device that is away, because the process behind it has ended and is not there again, is waited for as long as deadlines
 * allow. Every request is answered exactly once. Where the device can reset one queue, only the queue concerned is.
 *
 * <p>On the medium a request that was sent again may have been carried out more than once, and the device may carry out what is in flight
 * in any order. So a write, or a request about ranges, that overlaps one in flight is held back until that is answered: an old write is
 * never sent again after a later one to the same sectors was answered. What the device had answered before a reset is taken first, and
 * not sent again. Reads wait for nothing. What was answered and not flushed may be gone after a reset for which the device's process
 * died, as with any cache that loses its power: an image file in the system's page cache keeps it, a format with a cache of its own does not.
 *
 * <p><b>Threads:</b> the thread that opens the disk owns it and makes all calls; another one is caught when assertions are on. Queues
 * share nothing but the device's health, so a thread for each of them would need a lock around waiting and recovery alone.
 * <b>Buffers</b> lie in guest RAM and belong to the device from submission until the answer. <b>Allocation:</b> none for reads,
 * writes and flushes that succeed.
 */
public final class BlkDevice implements VirtioDriver {

    /** How often a request is sent when the device breaks in between. */
    public static final int ATTEMPTS = 3;

    /** How long a request may take when nothing else is said. */
    public static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(30);

    /** The longest string that names a disk, in bytes (blk:886). */
    private static final int ID_BYTES = 20;

    private final VirtioDevice device;
    private final FrameAllocator frames;
    private final WatchedConfiguration configuration;
    private final BlkQueues requests;
    private final PendingRequests pending;
    private final OwnerThread owner;
    private Duration allowed = DEFAULT_DEADLINE;
    private long allowedNanos = DEFAULT_DEADLINE.toNanos();

    private BlkDevice(VirtioDevice device, DmaContext dma, FrameAllocator frames, BlkOptions options)
            throws ProbeRefusedException, DeviceBrokenException {
        this.device = device;
        this.frames = frames;
        configuration = new WatchedConfiguration(device);
        requests = BlkQueues.open(device, configuration, dma, options);
        pending = new PendingRequests(requests.depth());
        owner = new OwnerThread(device.name());
    }

    /** The features this driver makes use of, beside those that the DMA decision accepts. */
    public static FeatureSet supportedFeatures() {
        return RingFeatures.SUPPORTED.union(FeatureSet.of(
                BlkFeatures.SIZE_MAX,
                BlkFeatures.SEG_MAX,
                BlkFeatures.RO,
                BlkFeatures.BLK_SIZE,
                BlkFeatures.FLUSH,
                BlkFeatures.TOPOLOGY,
                BlkFeatures.CONFIG_WCE,
                BlkFeatures.MQ,
                BlkFeatures.DISCARD,
                BlkFeatures.WRITE_ZEROES,
                BlkFeatures.LIFETIME,
                BlkFeatures.SECURE_ERASE));
    }

    /**
     * How many bytes of configuration a disk has that offers such features (blk:89): up to what write-zeroes needs, which all have, or all
     * of it where a feature puts something behind. QEMU's back-end of 7.2 answers nothing at all when it is asked for more than it has.
     */
    public static int configBytes(FeatureSet offered) {
        return offered.has(BlkFeatures.SECURE_ERASE) || offered.has(BlkFeatures.ZONED)
                ? ConfigurationFields.ALL_BYTES
                : ConfigurationFields.BYTES_OF_EVERY_DISK;
    }

    /** As {@link #open(VirtioDevice, DmaContext, FrameAllocator, BlkOptions)} with the usual options. */
    public static BlkDevice open(VirtioDevice device, DmaContext dma, FrameAllocator frames)
            throws ProbeRefusedException, DeviceBrokenException {
        return open(device, dma, frames, BlkOptions.USUAL);
    }

    /**
     * Starts a negotiated device as a disk.
     *
     * @param device negotiated, not yet live; owned by the disk from now on
     * @param dma the device's context; stays open longer than the disk
     * @param frames for short buffers
     * @throws ProbeRefusedException when its configuration or queue cannot be used; the device was given up then
     * @throws DeviceBrokenException when its configuration never holds still; the device was given up then
     */
    public static BlkDevice open(VirtioDevice device, DmaContext dma, FrameAllocator frames, BlkOptions options)
            throws ProbeRefusedException, DeviceBrokenException {
        BlkDevice disk;
        try {
            disk = new BlkDevice(device, dma, frames, options);
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
        disk.leaveUnflushableMode();
        return disk;
    }

    /**
     * Without FLUSH nothing makes writes last but writethrough mode. A device must begin in it then (blk:326); QEMU does not, but it can
     * be switched. One that cannot is no reason to refuse reading from it: {@link #flush} says so.
     */
    private void leaveUnflushableMode() {
        if (!hasCache() && cacheMode() == CacheMode.WRITEBACK) {
            try {
                configuration.switchCache(CacheMode.WRITETHROUGH);
            } catch (ProbeRefusedException | DeviceBrokenException e) {
                // It stays in writeback mode as far as anybody knows, and each flush fails with the reason.
                return;
            }
        }
    }

    // ---- what it is

    @Override
    public String name() {
        return device.name();
    }

    /** Size in sectors; may change while the disk is open, see {@link #configuration()}. */
    public long sectors() {
        return configuration().capacitySectors();
    }

    /**
     * What the device says of itself, as last read. It is read again when the device signals a change, and now and then while a
     * request is waited for; {@link #refresh} reads it at once.
     */
    public BlkConfiguration configuration() {
        return configuration.now();
    }

    /**
     * Looks whether the device has changed its size or cache since.
     *
     * @throws VirtioException when what it says makes no sense; what was known before stays so
     */
    public void refresh() throws VirtioException {
        assert owner.isCurrent();
        configuration.look();
    }

    /** Whether the disk takes no writes. */
    public boolean readOnly() {
        return device.accepted().has(BlkFeatures.RO);
    }

    /** Whether the device has a cache that can be flushed. */
    public boolean hasCache() {
        return device.accepted().has(BlkFeatures.FLUSH);
    }

    /**
     * When writes last. The device says so when its cache can be switched; else one that can be flushed is taken for a writeback cache
     * (blk:291), and one that cannot for none (blk:289).
     */
    public CacheMode cacheMode() {
        return configuration().cache().orElse(hasCache() ? CacheMode.WRITEBACK : CacheMode.WRITETHROUGH);
    }

    /**
     * Switches the cache (blk:900). Requests in flight are waited for first, because of a write during which the mode changes nobody
     * knows whether it lasts (blk:1013); their answers stay for their submitters. Before a disk is in writethrough mode it is flushed,
     * because switching alone makes nothing last (blk:903). A reset of the device does not undo it.
     *
     * @throws BlkUnsupportedException when the device's cache cannot be switched, or nothing could flush it afterwards
     * @throws VirtioException when the device does not do it
     */
    public void switchCache(CacheMode mode) throws VirtioException {
        assert owner.isCurrent();
        if (configuration().cache().isEmpty()) {
            throw new BlkUnsupportedException(
                    "%s: the cache cannot be switched: the device offers no config_wce, or it was not accepted"
                            .formatted(name()));
        }
        if (mode == CacheMode.WRITEBACK && !hasCache()) {
            throw new BlkUnsupportedException(
                    "%s: in writeback mode nothing would make writes last, since FLUSH was not accepted: accept flush"
                            .formatted(name()));
        }
        requests.requireAlive();
        requests.drain();
        requests.requireAlive();
        configuration.switchCache(mode);
        if (mode == CacheMode.WRITETHROUGH) {
            flush();
        }
    }

    /** One line about it, for people: size, blocks, queues and what it can do. */
    public String summary() {
        return DiskSummary.of(this, device.accepted());
    }

    /** The most bytes of one request; whole blocks. */
    public long largestTransfer() {
        return requests.limits().bytes();
    }

    /** How many requests may be in flight, over all queues. */
    public int depth() {
        return requests.depth();
    }

    /** How many queues are used. */
    public int queues() {
        return requests.count();
    }

    /** How often the device, or one of its queues alone, was reset and brought back. */
    public long recoveries() {
        return device.recoveries();
    }

    /** How often that was one queue alone, while the others ran on. */
    public long queueRecoveries() {
        return requests.queueRecoveries();
    }

    /** Mappings that stay for ever because the device did not come out of reset. */
    public int quarantinedMappings() {
        return requests.quarantinedMappings();
    }

    /** Sets how long requests submitted from now on may take, counted from when they are shown to the device. */
    public void requestDeadline(Duration limit) {
        allowedNanos = limit.toNanos();
        allowed = limit;
    }

    // ---- requests in flight

    /** Whether a request can be submitted before another is awaited. */
    public boolean hasRoom() {
        return requests.hasFreeRequest();
    }

    /**
     * Submits a read. The device may see it at once or at the next {@link #kick}.
     *
     * @param sector the first sector, at the start of a block
     * @param pa guest-physical address of the buffer, inside one RAM region
     * @param bytes whole blocks, one to {@link #largestTransfer()}
     */
    public BlkRequest submitRead(long sector, long pa, long bytes) throws VirtioException {
        checkRange(sector, bytes);
        return submit(BlkOperation.READ, sector, pa, bytes);
    }

    /** Submits a write; as {@link #submitRead}. */
    public BlkRequest submitWrite(long sector, long pa, long bytes) throws VirtioException {
        requireWritable();
        checkRange(sector, bytes);
        return submit(BlkOperation.WRITE, sector, pa, bytes);
    }

    /** Shows submitted requests to the device. */
    public void kick() {
        assert owner.isCurrent();
        requests.kick();
    }

    /**
     * Waits for the answer to a request, and gives the request back.
     *
     * @throws VirtioException what the device answered, or why it did not
     */
    public void await(BlkRequest request) throws VirtioException {
        assert owner.isCurrent();
        VirtioException failure = requests.await(request);
        if (failure != null) {
            throw failure;
        }
    }

    private BlkRequest submit(BlkOperation operation, long sector, long pa, long bytes) throws VirtioException {
        assert owner.isCurrent();
        requests.requireAlive();
        BlkRequest request = requests.take(bytes);
        request.operation = operation;
        request.sector = sector;
        request.pa = pa;
        request.length = bytes;
        send(request);
        return request;
    }

    private void send(BlkRequest request) throws VirtioException {
        request.allowed = allowed;
        request.allowedNanos = allowedNanos;
        requests.submit(request);
    }

    // ---- whole transfers

    /**
     * Reads whole blocks.
     *
     * @param sector the first sector, at the start of a block
     * @param pa guest-physical address of the buffer, inside one RAM region
     * @param bytes whole blocks, any number
     */
    public void read(long sector, long pa, long bytes) throws VirtioException {
        transfer(BlkOperation.READ, sector, pa, bytes);
    }

    /** Writes whole blocks; as {@link #read}. They last only after a {@link #flush}. */
    public void write(long sector, long pa, long bytes) throws VirtioException {
        transfer(BlkOperation.WRITE, sector, pa, bytes);
    }

    private void transfer(BlkOperation operation, long sector, long pa, long bytes) throws VirtioException {
        if (bytes == 0) {
            return;
        }
        // All of it, before the device sees the first part.
        checkWholeSectors(bytes);
        checkOnDisk(sector, bytes / BlkConfiguration.SECTOR);
        pending.begin();
        long submitted = 0;
        while (submitted < bytes && !pending.failed()) {
            if (pending.isFull() || !pending.isEmpty() && !hasRoom()) {
                pending.settleOldest(this);
                continue;
            }
            long part = Math.min(largestTransfer(), bytes - submitted);
            long at = sector + submitted / BlkConfiguration.SECTOR;
            try {
                pending.add(
                        operation == BlkOperation.READ
                                ? submitRead(at, pa + submitted, part)
                                : submitWrite(at, pa + submitted, part));
            } catch (VirtioException | DmaMappingException e) {
                pending.fail(e);
            }
            submitted += part;
        }
        pending.finish(this);
    }

    /**
     * Makes every write that was answered before last, also those of write-zeroes.
     *
     * @throws BlkUnsupportedException when the device says that it has a writeback cache, and that it cannot be flushed
     * @throws VirtioException when the device cannot do it
     */
    public void flush() throws VirtioException {
        if (hasCache()) {
            // Also in writethrough mode: the device may have left it in between. blk:876: sector 0, no data.
            await(submit(BlkOperation.FLUSH, 0, 0, 0));
        } else if (cacheMode() == CacheMode.WRITEBACK) {
            throw new BlkUnsupportedException(
                    "%s: the cache is in writeback mode and FLUSH was not accepted, so nothing makes writes last: accept flush"
                            .formatted(name()));
        }
    }

    // ---- ranges

    /**
     * Says that the contents of ranges are not needed any more. What they read as afterwards is unknown (blk:907).
     *
     * <p>Long ranges and long lists are cut into as many requests as the device's limits ask for. After an error some of them, and
     * some ranges of one request, may have been carried out (blk:910).
     *
     * @param ranges whole blocks on the disk
     * @throws BlkUnsupportedException when the device did not offer it, the feature was withheld, or its limits allow nothing
     */
    public void discard(SectorRange... ranges) throws VirtioException {
        ask(BlkOperation.DISCARD, "discard", configuration().discard(), Allocation.KEEP, ranges);
    }

    /**
     * Makes ranges read as zeroes; as {@link #discard}, and a {@link #flush} makes it last.
     *
     * @param allocation what may become of the storage. It is a permission: what a device makes of it, {@link
     *     BlkConfiguration#zeroes()} says
     */
    public void writeZeroes(Allocation allocation, SectorRange... ranges) throws VirtioException {
        ask(BlkOperation.WRITE_ZEROES, "write_zeroes", configuration().writeZeroes(), allocation, ranges);
    }

    /** Removes every trace of what was in ranges; as {@link #discard}. */
    public void secureErase(SectorRange... ranges) throws VirtioException {
        ask(BlkOperation.SECURE_ERASE, "secure_erase", configuration().secureErase(), Allocation.KEEP, ranges);
    }

    private void ask(
            BlkOperation operation,
            String feature,
            Optional<RangeLimits> offered,
            Allocation allocation,
            SectorRange... ranges)
            throws VirtioException {
        RangeLimits limits = offered.orElseThrow(() -> new BlkUnsupportedException(
                "%s: the device has no %s, or it was not accepted; give the device features=+%s"
                        .formatted(name(), feature, feature)));
        if (!limits.allowsAny()) {
            throw new BlkUnsupportedException(
                    "%s: the device offers %s, but allows %d ranges of %d sectors; mend its limits"
                            .formatted(name(), feature, limits.mostRanges(), limits.mostSectors()));
        }
        requireWritable();
        for (SectorRange range : ranges) {
            checkOnDisk(range.first(), range.count());
        }
        RangeSplitter splitter = new RangeSplitter(limits, ranges.clone());
        pending.begin();
        while (splitter.hasNext() && !pending.failed()) {
            if (pending.isFull() || !pending.isEmpty() && !hasRoom()) {
                pending.settleOldest(this);
                continue;
            }
            try {
                pending.add(submitRanges(operation, allocation, splitter));
            } catch (VirtioException | DmaMappingException e) {
                pending.fail(e);
            }
        }
        pending.finish(this);
    }

    private BlkRequest submitRanges(BlkOperation operation, Allocation allocation, RangeSplitter splitter)
            throws VirtioException {
        assert owner.isCurrent();
        requests.requireAlive();
        BlkRequest request = requests.take(0);
        request.operation = operation;
        request.allocation = allocation;
        request.sector = 0;
        request.length = 0;
        request.ranges = splitter.next(request.rangeFirsts, request.rangeCounts);
        send(request);
        return request;
    }

    // ---- what else it knows

    /** The name the host gave the disk, at most 20 characters; empty when it gave none. */
    public String id() throws VirtioException {
        byte[] raw = answer(BlkOperation.GET_ID, ID_BYTES);
        int end = 0;
        while (end < raw.length && raw[end] != 0) {
            end++;
        }
        return new String(raw, 0, end, StandardCharsets.ISO_8859_1);
    }

    /**
     * How worn the medium is.
     *
     * @throws BlkUnsupportedException when the device does not tell
     */
    public BlkLifetime lifetime() throws VirtioException {
        if (!device.accepted().has(BlkFeatures.LIFETIME)) {
            throw new BlkUnsupportedException("%s: the device does not tell how worn it is".formatted(name()));
        }
        ByteBuffer raw = ByteBuffer.wrap(answer(BlkOperation.GET_LIFETIME, BlkLifetime.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        return BlkLifetime.of(
                Short.toUnsignedInt(raw.getShort(0)),
                Short.toUnsignedInt(raw.getShort(2)),
                Short.toUnsignedInt(raw.getShort(4)));
    }

    private byte[] answer(BlkOperation operation, int bytes) throws VirtioException {
        PhysRange page = frames.allocate(bytes, FrameRequest.ANY);
        try {
            await(submit(operation, 0, page.basePa(), bytes));
            return frames.memory().slice(page.basePa(), bytes).toArray(ValueLayout.JAVA_BYTE);
        } finally {
            release(page);
        }
    }

    // ---- the end

    @Override
    public void close() throws DeviceDeadException {
        try {
            device.close();
        } catch (DeviceDeadException e) {
            requests.quarantine(e);
            throw e;
        }
        if (requests.quarantined()) {
            // It came out of reset after all, but too late: its mappings are left, and its context must stay open.
            requests.requireAlive();
        }
        requests.close();
    }

    /** Gives a buffer of requests back to the allocator, unless the device died and may still write to it. */
    public void release(PhysRange buffer) {
        if (!requests.quarantined()) {
            frames.free(buffer);
        }
    }

    // ---- the checks before a request is sent

    private void requireWritable() throws BlkReadOnlyException {
        if (readOnly()) {
            throw new BlkReadOnlyException("%s: the disk is read-only".formatted(name()));
        }
    }

    /** blk:871 and blk:879. */
    private void checkRange(long sector, long bytes) throws BlkRangeException {
        checkWholeSectors(bytes);
        if (bytes > largestTransfer()) {
            throw new BlkRangeException(
                    "%s: %d bytes; give at most %d bytes a request".formatted(name(), bytes, largestTransfer()));
        }
        checkOnDisk(sector, bytes / BlkConfiguration.SECTOR);
    }

    private void checkWholeSectors(long bytes) throws BlkRangeException {
        if (bytes < BlkConfiguration.SECTOR || bytes % BlkConfiguration.SECTOR != 0) {
            throw new BlkRangeException(
                    "%s: %d bytes; give whole sectors of %d".formatted(name(), bytes, BlkConfiguration.SECTOR));
        }
    }

    /** On the disk, and in whole blocks; a disk that ends inside a block has one that is shorter. */
    private void checkOnDisk(long sector, long count) throws BlkRangeException {
        if (count < 1 || sector < 0 || count > sectors() || sector > sectors() - count) {
            throw new BlkRangeException("%s: sectors %d to %d, but the disk ends at %d"
                    .formatted(name(), sector, sector + count - 1, sectors() - 1));
        }
        int block = configuration().blockSectors();
        long end = sector + count;
        if (sector % block != 0 || end % block != 0 && end != sectors()) {
            throw new BlkRangeException("%s: sectors %d to %d are not whole blocks of %d sectors"
                    .formatted(name(), sector, end - 1, block));
        }
    }
}
