package dev.postern.bench;

import dev.postern.virtio.VirtioException;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.blk.BlkRequest;
import org.HdrHistogram.Histogram;

/**
 * A closed loop over a disk: the oldest request is waited for, what else is done by then is taken too, and as many are submitted and
 * shown at once. A request takes from when it was submitted until its answer was seen; the clock is read once for each burst.
 */
final class VhostBlkLoop {

    private static final int SECTORS_PER_BLOCK = VhostBlkSetting.BLOCK / 512;
    private static final double HALF = 50;
    private static final double TAIL = 99.99;

    private final BlkDevice disk;
    private final long blocks;
    private final long pa;
    private final BlkRequest[] requests = new BlkRequest[VhostBlkSetting.MOST_DEPTH];
    private final long[] sentAt = new long[VhostBlkSetting.MOST_DEPTH];
    private final Histogram histogram = new Histogram(LatencyRow.LARGEST_NANOS, 3);
    private long random = 0x9e37_79b9_7f4a_7c15L;
    private VhostBlkWork work;
    private int depth;

    /**
     * A loop.
     *
     * @param blocks of the disk, a power of two
     * @param pa of a buffer of {@link VhostBlkSetting#MOST_DEPTH} blocks
     */
    VhostBlkLoop(BlkDevice disk, long blocks, long pa) {
        this.disk = disk;
        this.blocks = blocks;
        this.pa = pa;
    }

    /**
     * Keeps requests in flight until the time is over, and waits for the last of them.
     *
     * @return how many were answered
     */
    long run(VhostBlkWork what, int inFlight, long nanos) throws VirtioException {
        work = what;
        depth = inFlight;
        histogram.reset();
        long start = System.nanoTime();
        for (int place = 0; place < depth; place++) {
            submit(place, start);
        }
        disk.kick();
        int oldest = 0;
        int left = depth;
        long answered = 0;
        while (left > 0) {
            int done = takeDone(oldest, left);
            answered += done;
            long now = System.nanoTime();
            for (int i = 0, place = oldest; i < done; i++, place = after(place)) {
                histogram.recordValue(now - sentAt[place]);
            }
            if (now - start < nanos) {
                for (int i = 0; i < done; i++, oldest = after(oldest)) {
                    submit(oldest, now);
                }
                disk.kick();
            } else {
                oldest = (oldest + done) % depth;
                left -= done;
            }
        }
        return answered;
    }

    /** Half of the requests of the last run took as long or less, in nanoseconds. */
    long median() {
        return histogram.getValueAtPercentile(HALF);
    }

    /** All but one in ten thousand of them took as long or less. */
    long tail() {
        return histogram.getValueAtPercentile(TAIL);
    }

    /** Waits for the oldest request, and gives back all from it on that are done by then. */
    private int takeDone(int oldest, int inFlight) throws VirtioException {
        int done = 0;
        int place = oldest;
        do {
            disk.await(requests[place]);
            place = after(place);
            done++;
        } while (done < inFlight && requests[place].done());
        return done;
    }

    private void submit(int place, long now) throws VirtioException {
        random = random * 6364136223846793005L + 1442695040888963407L;
        long sector = (random >>> 33 & blocks - 1) * SECTORS_PER_BLOCK;
        long buffer = pa + (long) place * VhostBlkSetting.BLOCK;
        requests[place] = work == VhostBlkWork.READ
                ? disk.submitRead(sector, buffer, VhostBlkSetting.BLOCK)
                : disk.submitWrite(sector, buffer, VhostBlkSetting.BLOCK);
        sentAt[place] = now;
    }

    private int after(int place) {
        return place + 1 < depth ? place + 1 : 0;
    }
}
