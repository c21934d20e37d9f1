package dev.postern.virtio.fake;

import dev.postern.dma.DeviceView;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A block device behind a {@link ScriptedTransport}. It is honest unless {@link #answer} says otherwise. */
public final class ScriptedDisk {

    // struct virtio_blk_req { le32 type; le32 reserved; le64 sector; u8 data[]; u8 status; }
    private static final int HEADER = 16;
    private static final int SECTOR = 512;
    private static final int IN = 0;
    private static final int OUT = 1;
    private static final int FLUSH = 4;
    private static final int GET_ID = 8;
    private static final int GET_LIFETIME = 10;
    private static final int DISCARD = 11;
    private static final int WRITE_ZEROES = 13;
    private static final int SECURE_ERASE = 14;

    // struct virtio_blk_config: where the limits of requests about ranges are: sectors, and segments 4 bytes behind.
    private static final int MAX_DISCARD_SECTORS = 36;
    private static final int MAX_WRITE_ZEROES_SECTORS = 48;
    private static final int MAX_SECURE_ERASE_SECTORS = 60;
    private static final int CONFIG_BYTES = 96;
    private static final int RANGE = 16;
    private static final int UNMAP = 1;

    /** What discarded sectors read as here: nothing that anybody should rely on. */
    public static final byte DISCARDED = (byte) 0xd1;
    /** What erased sectors read as here. */
    public static final byte ERASED = (byte) 0xe5;

    private static final int OK = 0;
    private static final int UNSUPPORTED = 2;

    private final ScriptedTransport transport;
    private final DeviceView memory;
    private final List<DiskRequest> seen = new ArrayList<>();

    /** The content. */
    public final byte[] image;

    /** What GET_ID says. */
    public byte[] id = "scripted".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    /** What GET_LIFETIME says. */
    public byte[] lifetime = new byte[6];

    /** What is done with each request. */
    public Answer answer = this::honestly;

    /** What a device does with a request. */
    @FunctionalInterface
    public interface Answer {
        /** Does it; may do nothing. */
        void to(DiskRequest request);
    }

    /** A disk with random content. */
    public ScriptedDisk(ScriptedTransport transport, DeviceView memory, int sectors, long seed) {
        this.transport = transport;
        this.memory = memory;
        image = new byte[sectors * SECTOR];
        new SplittableRandom(seed).nextBytes(image);
        // struct virtio_blk_config { le64 capacity; le32 size_max; le32 seg_max; geometry (4); le32 blk_size; ... }
        transport.config = ByteBuffer.allocate(CONFIG_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        transport.config.putLong(0, sectors).putInt(8, 1 << 20).putInt(12, 16).putInt(20, SECTOR);
        transport.config.putShort(34, (short) 1);
    }

    /** Everything that was asked. */
    public List<DiskRequest> seen() {
        return seen;
    }

    /** Forgets what was asked. */
    public void forget() {
        seen.clear();
    }

    /** One turn of the device: takes what waits and answers it. */
    public void work() {
        boolean found = true;
        while (found) {
            found = false;
            for (int queue = 0; queue < transport.queueCount; queue++) {
                found |= workOn(queue);
            }
        }
    }

    /** Takes one request of a queue; whether there was one. */
    private boolean workOn(int index) {
        ScriptedQueue queue = transport.live() ? transport.queue(index) : null;
        if (queue == null || queue.waiting() == 0) {
            return false;
        }
        DiskRequest request = parse(index, queue.take().orElseThrow());
        seen.add(request);
        answer.to(request);
        return true;
    }

    /** Does what was asked, and says so. */
    public void honestly(DiskRequest request) {
        finish(request, perform(request), request.honestLength());
    }

    /** Moves the data; returns the status that belongs to it. */
    public int perform(DiskRequest request) {
        switch (request.type()) {
            case IN -> fill(request, image, request.sector() * SECTOR);
            case OUT -> {
                int at = (int) request.sector() * SECTOR;
                for (SeenBuffer buffer : request.data()) {
                    byte[] part = memory.read(buffer.dva(), (int) buffer.length());
                    System.arraycopy(part, 0, image, at, part.length);
                    at += part.length;
                }
            }
            case GET_ID -> fill(request, java.util.Arrays.copyOf(id, (int) request.bytes()), 0);
            case GET_LIFETIME -> fill(request, lifetime, 0);
            case DISCARD -> change(request, MAX_DISCARD_SECTORS, DISCARDED);
            case WRITE_ZEROES -> change(request, MAX_WRITE_ZEROES_SECTORS, (byte) 0);
            case SECURE_ERASE -> change(request, MAX_SECURE_ERASE_SECTORS, ERASED);
            case FLUSH -> require(request.sector() == 0 && request.data().isEmpty(), "blk:876: a flush has no data");
            default -> {
                return UNSUPPORTED;
            }
        }
        return OK;
    }

    /** Writes a status byte and a used element with the right id, and raises the queue's interrupt. */
    public void finish(DiskRequest request, int status, int usedLength) {
        memory.write(request.status().dva(), new byte[] {(byte) status});
        complete(request.queue(), request.chain().head(), usedLength);
    }

    /** Writes a used element into queue 0, and raises its interrupt. */
    public void complete(int head, int usedLength) {
        complete(0, head, usedLength);
    }

    /** Writes a used element, and raises the queue's interrupt. */
    public void complete(int queue, int head, int usedLength) {
        transport.queue(queue).complete(head, usedLength);
        transport.raiseQueue(queue);
    }

    private void change(DiskRequest request, int limits, byte with) {
        long mostSectors = Integer.toUnsignedLong(transport.config.getInt(limits));
        long mostRanges = Integer.toUnsignedLong(transport.config.getInt(limits + 4));
        require(request.ranges().size() <= mostRanges, "blk:888 to 896: too many segments");
        long total = 0;
        for (DiskRange range : request.ranges()) {
            int allowed = request.type() == WRITE_ZEROES ? UNMAP : 0;
            require((range.flags() & ~allowed) == 0, "blk:906: flags " + range.flags());
            require(range.count() > 0 && range.first() >= 0, "a range of nothing: " + range);
            require(range.first() + range.count() <= image.length / SECTOR, "blk:871: beyond the end: " + range);
            total += range.count();
            int at = (int) range.first() * SECTOR;
            java.util.Arrays.fill(image, at, at + (int) range.count() * SECTOR, with);
        }
        require(total <= mostSectors, "more sectors than the device takes: " + total);
    }

    private void fill(DiskRequest request, byte[] from, long start) {
        int at = (int) start;
        for (SeenBuffer buffer : request.data()) {
            byte[] part = java.util.Arrays.copyOfRange(from, at, at + (int) buffer.length());
            memory.write(buffer.dva(), part);
            at += part.length;
        }
    }

    private DiskRequest parse(int queue, SeenChain chain) {
        List<SeenBuffer> buffers = chain.buffers();
        SeenBuffer header = buffers.getFirst();
        SeenBuffer status = buffers.getLast();
        require(!header.writable() && header.length() == HEADER, "virtio_blk_req: the header");
        require(status.writable() && status.length() == 1, "virtio_blk_req: the status");
        ByteBuffer raw = ByteBuffer.wrap(memory.read(header.dva(), HEADER)).order(ByteOrder.LITTLE_ENDIAN);
        int type = raw.getInt(0);
        List<SeenBuffer> data = List.copyOf(buffers.subList(1, buffers.size() - 1));
        boolean aboutRanges = type == DISCARD || type == WRITE_ZEROES || type == SECURE_ERASE;
        DiskRequest request = new DiskRequest(
                queue, chain, type, raw.getLong(8), data, aboutRanges ? ranges(data) : List.of(), status);
        require(raw.getInt(4) == 0, "virtio_blk_req: the reserved field");
        require(type == IN || type == OUT || request.sector() == 0, "virtio_blk_req: sector is 0 for other requests");
        boolean fromDevice = type == IN || type == GET_ID || type == GET_LIFETIME;
        data.forEach(b -> require(b.writable() == fromDevice, "virtio_blk_req: the direction of the data"));
        require(
                type != IN && type != OUT || request.bytes() % SECTOR == 0,
                "blk:879: whole sectors, not " + request.bytes());
        return request;
    }

    private List<DiskRange> ranges(List<SeenBuffer> data) {
        List<DiskRange> ranges = new ArrayList<>();
        for (SeenBuffer buffer : data) {
            require(buffer.length() % RANGE == 0, "blk:882: whole segments, not " + buffer.length());
            ByteBuffer raw = ByteBuffer.wrap(memory.read(buffer.dva(), (int) buffer.length()))
                    .order(ByteOrder.LITTLE_ENDIAN);
            while (raw.hasRemaining()) {
                ranges.add(new DiskRange(raw.getLong(), Integer.toUnsignedLong(raw.getInt()), raw.getInt()));
            }
        }
        return ranges;
    }

    private static void require(boolean condition, String rule) {
        if (!condition) {
            throw new AssertionError("the driver broke a rule: " + rule);
        }
    }
}
