package dev.postern.virtio.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** A device that writes anything anywhere into a ring, between any calls of the driver. */
class UsedRingFuzz {

    @FuzzTest(maxDuration = "15s")
    void anythingIsWrittenIntoTheRing(byte[] bytes) {
        FuzzInput input = new FuzzInput(bytes);
        try (FuzzedRing ring = new FuzzedRing(input)) {
            while (input.hasMore()) {
                switch (input.below(9)) {
                    case 0, 1 -> ring.commit();
                    case 2 -> ring.publish();
                    case 3 -> ring.pollOne();
                    case 4 -> ring.pollAll();
                    case 5 -> ring.use();
                    case 6 -> ring.scribble();
                    case 7 -> ring.queue.askForSignal();
                    default -> restartOrAbandon(ring);
                }
            }
            ring.pollAll();
        }
    }

    private static void restartOrAbandon(FuzzedRing ring) {
        if (ring.broken()) {
            ring.restart();
        } else {
            ring.abandon();
        }
    }
}
