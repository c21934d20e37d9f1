package dev.postern.emulated.virtio;

import java.util.Arrays;
import java.util.SplittableRandom;

/** The requests that a queue has served and not published yet, in the order in which they will be. Grows to the largest batch seen. */
final class Batch {

    private int count;
    private int[] ids = new int[16];
    private int[] lengths = new int[16];
    private int[] slots = new int[16];
    private long[] rooms = new long[16];
    private long[] requests = new long[16];

    void clear() {
        count = 0;
    }

    int count() {
        return count;
    }

    /**
     * Notes one more.
     *
     * @param id the head of its chain, or its buffer id
     * @param slots how many places of the ring it takes
     * @param request its number
     * @param length how many bytes were written, 32 bits
     * @param room how many bytes the driver offered to be written
     */
    void add(int id, int slots, long request, int length, long room) {
        if (count == ids.length) {
            grow();
        }
        ids[count] = id;
        this.slots[count] = slots;
        requests[count] = request;
        lengths[count] = length;
        rooms[count] = room;
        count++;
    }

    private void grow() {
        ids = Arrays.copyOf(ids, 2 * count);
        lengths = Arrays.copyOf(lengths, 2 * count);
        slots = Arrays.copyOf(slots, 2 * count);
        rooms = Arrays.copyOf(rooms, 2 * count);
        requests = Arrays.copyOf(requests, 2 * count);
    }

    int id(int at) {
        return ids[at];
    }

    int slots(int at) {
        return slots[at];
    }

    long request(int at) {
        return requests[at];
    }

    int length(int at) {
        return lengths[at];
    }

    long room(int at) {
        return rooms[at];
    }

    /** Whether all that could be written was, which is what a driver assumes of a buffer that is skipped (split-ring:500). */
    boolean complete(int at) {
        return (lengths[at] & 0xffff_ffffL) == rooms[at];
    }

    void shuffle(SplittableRandom order) {
        for (int i = count - 1; i > 0; i--) {
            swap(i, order.nextInt(i + 1));
        }
    }

    private void swap(int i, int j) {
        swap(ids, i, j);
        swap(lengths, i, j);
        swap(slots, i, j);
        swap(rooms, i, j);
        swap(requests, i, j);
    }

    private static void swap(int[] of, int i, int j) {
        int kept = of[i];
        of[i] = of[j];
        of[j] = kept;
    }

    private static void swap(long[] of, int i, int j) {
        long kept = of[i];
        of[i] = of[j];
        of[j] = kept;
    }
}
