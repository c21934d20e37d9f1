package dev.postern.emulated.platform;

import java.util.SplittableRandom;

/**
 * A paravirtualised guest: its frames are scattered over the machine, in an order drawn from the seed. Two frames that follow each other
 * for the guest never do in the machine, and no machine frame has the number of a guest-physical frame, of RAM or of registers.
 *
 * <p>Guest-physical frames are numbered from 0 without a hole.
 */
final class ScatteredFrames implements FrameNumbers {

    /** One tebibyte: above all guest-physical addresses of such a guest, and grants have 32 bits for a frame's number. */
    private static final long FIRST = 1L << 28;

    /** Each frame has this many places and takes one of the first two, so that neighbours have a gap. */
    private static final int PLACES = 3;

    private final int[] slotOfFrame;
    private final int[] frameOfSlot;
    private final int frames;
    private final long seed;

    /**
     * A scatter.
     *
     * @param frames how many the guest has
     * @param more how many frames beside them get machine numbers, for Xen's own pages
     */
    ScatteredFrames(int frames, int more, long seed) {
        this.frames = frames;
        this.seed = seed;
        slotOfFrame = new int[frames + more];
        frameOfSlot = new int[frames + more];
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < slotOfFrame.length; i++) {
            int j = random.nextInt(i + 1);
            slotOfFrame[i] = slotOfFrame[j];
            slotOfFrame[j] = i;
        }
        for (int i = 0; i < slotOfFrame.length; i++) {
            frameOfSlot[slotOfFrame[i]] = i;
        }
    }

    private long numberOf(int index) {
        int slot = slotOfFrame[index];
        return FIRST + (long) slot * PLACES + (Noise.mix(seed + slot) & 1);
    }

    @Override
    public long number(long frame) {
        return numberOf(Math.toIntExact(frame));
    }

    @Override
    public long frame(long number) {
        long slot = Math.floorDiv(number - FIRST, PLACES);
        if (number < FIRST || slot >= frameOfSlot.length) {
            return NONE;
        }
        int index = frameOfSlot[(int) slot];
        return index < frames && numberOf(index) == number ? index : NONE;
    }

    @Override
    public long tableNumber(int index) {
        return numberOf(frames + index);
    }
}
