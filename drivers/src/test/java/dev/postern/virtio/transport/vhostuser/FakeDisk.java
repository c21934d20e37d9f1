package dev.postern.virtio.transport.vhostuser;

import dev.postern.virtio.fake.DirectView;
import dev.postern.virtio.fake.ScriptedQueue;
import dev.postern.virtio.fake.SeenBuffer;
import dev.postern.virtio.fake.SeenChain;
import dev.postern.virtio.queue.QueueAddresses;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/** What a fake back-end does with its rings: a disk of a few sectors. It outlives the process that serves it. */
final class FakeDisk {

    private static final int SECTOR = 512;
    private static final int OUT = 1;

    private final FakeBackEnd backEnd;
    private final DirectView memory;
    private final Map<Integer, ScriptedQueue> rings = new HashMap<>();
    private int session;
    final byte[] image;
    int served;

    /** How many requests are served before it rests; then none. */
    int willing = Integer.MAX_VALUE;

    FakeDisk(FakeBackEnd backEnd, DirectView memory, int sectors) {
        this.backEnd = backEnd;
        this.memory = memory;
        image = new byte[sectors * SECTOR];
        say(sectors);
    }

    /** Changes what the configuration says of the capacity, and nothing else. */
    void say(long sectors) {
        ByteBuffer.wrap(backEnd.config).order(ByteOrder.LITTLE_ENDIAN).putLong(0, sectors);
    }

    /** A turn of the device. */
    void work() {
        if (!backEnd.serving()) {
            return;
        }
        if (session != backEnd.connects) {
            rings.clear();
            session = backEnd.connects;
        }
        for (int queue = 0; queue < backEnd.queues; queue++) {
            ScriptedQueue ring = rings.computeIfAbsent(queue, this::ring);
            while (ring != null && willing > 0 && ring.waiting() > 0) {
                willing--;
                serve(queue, ring, ring.take().orElseThrow());
            }
        }
    }

    private ScriptedQueue ring(int queue) {
        FakeBackEnd.Heard enabled = backEnd.ofRing(18, queue);
        if (enabled == null) {
            return null;
        }
        ByteBuffer places = backEnd.ofRing(9, queue).words();
        int size = backEnd.ofRing(8, queue).words().getInt(4);
        return new ScriptedQueue(
                memory, new QueueAddresses(size, places.getLong(8), places.getLong(24), places.getLong(16)));
    }

    private void serve(int queue, ScriptedQueue ring, SeenChain chain) {
        served++;
        ByteBuffer header = ByteBuffer.wrap(
                        memory.read(chain.buffers().getFirst().dva(), 16))
                .order(ByteOrder.LITTLE_ENDIAN);
        int at = (int) header.getLong(8) * SECTOR;
        for (SeenBuffer data : chain.buffers().subList(1, chain.buffers().size() - 1)) {
            if (header.getInt(0) == OUT) {
                System.arraycopy(memory.read(data.dva(), (int) data.length()), 0, image, at, (int) data.length());
            } else {
                memory.write(data.dva(), java.util.Arrays.copyOfRange(image, at, at + (int) data.length()));
            }
            at += (int) data.length();
        }
        memory.write(chain.last().dva(), new byte[] {0});
        ring.complete(chain.head(), (int) chain.writableBytes());
        backEnd.latchOf(backEnd.ofRing(13, queue).descriptors()[0]).tripped = true;
    }
}
