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

    private static final int OK = 0;
    private static final int UNSUPPORTED = 2;

    private final ScriptedTransport transport;
    private final DeviceView memory;
    private final List<DiskRequest> seen = new ArrayList<>();

    /** The content. */
    public final byte[] image;

    /** What GET_ID says. */
    public byte[] id = "scripted".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

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
        transport.config = ByteBuffer.allocate(60).order(ByteOrder.LITTLE_ENDIAN);
        transport.config.putLong(0, sectors).putInt(8, 1 << 20).putInt(12, 16).putInt(20, SECTOR);
    }

    /** Everything that was asked. */
    public List<DiskRequest> seen() {
        return seen;
    }

    /** One turn of the device: takes what waits and answers it. */
    public void work() {
        while (transport.live()) {
            ScriptedQueue queue = transport.queue();
            if (queue.waiting() == 0) {
                return;
            }
            DiskRequest request = parse(queue.take().orElseThrow());
            seen.add(request);
            answer.to(request);
        }
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
        complete(request.chain().head(), usedLength);
    }

    /** Writes a used element, and raises the queue's interrupt. */
    public void complete(int head, int usedLength) {
        transport.queue().complete(head, usedLength);
        transport.raiseQueue();
    }

    private void fill(DiskRequest request, byte[] from, long start) {
        int at = (int) start;
        for (SeenBuffer buffer : request.data()) {
            byte[] part = java.util.Arrays.copyOfRange(from, at, at + (int) buffer.length());
            memory.write(buffer.dva(), part);
            at += part.length;
        }
    }

    private DiskRequest parse(SeenChain chain) {
        List<SeenBuffer> buffers = chain.buffers();
        SeenBuffer header = buffers.getFirst();
        SeenBuffer status = buffers.getLast();
        require(!header.writable() && header.length() == HEADER, "virtio_blk_req: the header");
        require(status.writable() && status.length() == 1, "virtio_blk_req: the status");
        ByteBuffer raw = ByteBuffer.wrap(memory.read(header.dva(), HEADER)).order(ByteOrder.LITTLE_ENDIAN);
        DiskRequest request = new DiskRequest(
                chain, raw.getInt(0), raw.getLong(8), List.copyOf(buffers.subList(1, buffers.size() - 1)), status);
        require(raw.getInt(4) == 0, "virtio_blk_req: the reserved field");
        boolean fromDevice = request.type() == IN || request.type() == GET_ID;
        request.data().forEach(b -> require(b.writable() == fromDevice, "virtio_blk_req: the direction of the data"));
        require(
                request.type() == GET_ID || request.bytes() % SECTOR == 0,
                "blk:879: whole sectors, not " + request.bytes());
        return request;
    }

    private static void require(boolean condition, String rule) {
        if (!condition) {
            throw new AssertionError("the driver broke a rule: " + rule);
        }
    }
}
