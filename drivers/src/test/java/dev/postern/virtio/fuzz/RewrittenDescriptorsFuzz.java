package dev.postern.virtio.fuzz;

import static dev.postern.virtio.fuzz.FuzzedRing.require;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.postern.virtio.fake.ScriptedPackedQueue;
import dev.postern.virtio.fake.ScriptedQueue;
import dev.postern.virtio.fake.ScriptedRing;
import dev.postern.virtio.fake.SeenBuffer;
import dev.postern.virtio.fake.SeenChain;
import dev.postern.virtio.queue.Virtqueue;
import java.util.List;
import java.util.Optional;

/**
 * A device that rewrites descriptors, tables and both rings while it has no chain. Whatever it left there, the next chain arrives as
 * it was posted: nothing that a device wrote is ever read back into a chain.
 */
class RewrittenDescriptorsFuzz {

    @FuzzTest(maxDuration = "15s")
    void chainsArriveAsTheyWerePosted(byte[] bytes) {
        FuzzInput input = new FuzzInput(bytes);
        try (FuzzedRing ring = new FuzzedRing(input)) {
            ScriptedRing device = device(ring);
            while (input.hasMore()) {
                for (int writes = input.below(4); writes > 0; writes--) {
                    ring.scribble();
                }
                // Of what the device wrote, some looks like an answer to nothing: then the queue is broken, and starts
                // again.
                ring.pollAll();
                if (ring.broken()) {
                    ring.restart();
                    device = device(ring);
                }
                round(ring, device);
            }
        }
    }

    private static void round(FuzzedRing ring, ScriptedRing device) {
        int id = ring.commit();
        require(id != Virtqueue.NONE, "an empty queue has no room");
        ring.publish();
        SeenChain chain = take(device).orElseThrow(() -> new AssertionError("a chain was published and is not there"));
        require(chain.head() == id, "another chain arrived");
        requirePosted(chain.buffers());
        device.use(List.of(chain), (int) chain.writableBytes());
        require(ring.pollOne() == id, "an honest answer did not come back");
    }

    /** As {@link FuzzedRing#commit} fills them. */
    private static void requirePosted(List<SeenBuffer> buffers) {
        for (int i = 0; i < buffers.size(); i++) {
            SeenBuffer buffer = buffers.get(i);
            require(buffer.length() == 1 + i, "another length arrived");
            require(buffer.dva() == (buffer.writable() ? 0x2000L : 0x1000L) + i, "another address arrived");
        }
    }

    private static Optional<SeenChain> take(ScriptedRing device) {
        return switch (device) {
            case ScriptedQueue split -> split.take();
            case ScriptedPackedQueue packed -> packed.take();
            default -> throw new AssertionError("a ring of neither format");
        };
    }

    private static ScriptedRing device(FuzzedRing ring) {
        return switch (ring.queue.options().format()) {
            case SPLIT -> new ScriptedQueue(ring.context.deviceView(), ring.queue.addresses());
            case PACKED -> new ScriptedPackedQueue(ring.context.deviceView(), ring.queue.addresses());
        };
    }
}
