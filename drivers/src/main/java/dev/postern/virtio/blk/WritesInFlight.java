package dev.postern.virtio.blk;

/**
 * Which sectors are being written to, over all queues of a disk: by writes, and by requests that write zeroes, discard or erase.
 *
 * <p>A device carries requests out in any order, and one that is lost with a reset is sent again. So that an old write never lands on a
 * later one that overlaps it, there are never two of them in flight: {@link #overlapping} says what a request has to wait for. Reads are free of
 * that, as they are with any disk.
 *
 * <p>Ranges stand side by side in arrays, so that the question is a walk through a few cache lines; adding and removing are of constant
 * time for each range. Nothing is allocated once it is made.
 */
final class WritesInFlight {

    private final long[] firsts;
    private final long[] ends;
    private final BlkRequest[] owners;
    /** Which range of its owner each entry is. */
    private final int[] rangeOf;

    private int count;

    /**
     * None in flight.
     *
     * @param most so many ranges at most
     */
    WritesInFlight(int most) {
        firsts = new long[most];
        ends = new long[most];
        owners = new BlkRequest[most];
        rangeOf = new int[most];
    }

    /** A request in flight that writes to sectors which this one writes to; null when there is none. */
    BlkRequest overlapping(BlkRequest request) {
        int ranges = request.writtenRanges();
        for (int range = 0; range < ranges; range++) {
            long first = request.writtenFirst(range);
            long end = request.writtenEnd(range);
            if (anyOverlaps(first, end)) {
                return owners[firstOverlapping(first, end)];
            }
        }
        return null;
    }

    /**
     * Without a branch in the loop, so that the compiler takes several ranges at a time: with 63 writes in flight, a loop that compares and
     * leaves costs more than all else that is done for a write. Two ranges overlap when both differences are negative; they do not
     * overflow, since all ranges lie on the disk and so no sector is negative.
     */
    private boolean anyOverlaps(long first, long end) {
        long signs = 0;
        for (int i = 0; i < count; i++) {
            signs |= first - ends[i] & firsts[i] - end;
        }
        return signs < 0;
    }

    private int firstOverlapping(long first, long end) {
        int i = 0;
        while (first >= ends[i] || firsts[i] >= end) {
            i++;
        }
        return i;
    }

    /** A request is on its way. One that writes nothing is not noted. */
    void add(BlkRequest request) {
        int ranges = request.writtenRanges();
        for (int range = 0; range < ranges; range++) {
            firsts[count] = request.writtenFirst(range);
            ends[count] = request.writtenEnd(range);
            owners[count] = request;
            rangeOf[count] = range;
            request.writePlaces[range] = count;
            count++;
        }
        request.notedWrites = ranges;
    }

    /** A request is answered, or will never be sent again. */
    void remove(BlkRequest request) {
        for (int range = 0; range < request.notedWrites; range++) {
            int place = request.writePlaces[range];
            count--;
            firsts[place] = firsts[count];
            ends[place] = ends[count];
            owners[place] = owners[count];
            rangeOf[place] = rangeOf[count];
            owners[place].writePlaces[rangeOf[place]] = place;
            owners[count] = null;
        }
        request.notedWrites = 0;
    }
}
