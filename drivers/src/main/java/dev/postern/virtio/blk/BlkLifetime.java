package dev.postern.virtio.blk;

/**
 * How worn a medium is, by its own estimate (blk:510).
 *
 * @param reserve how many of its spare blocks are used up
 * @param wornA of its single-level cells, in steps of 10 %: 1 is up to 10 %, 11 is beyond its life; 0 when unknown
 * @param wornB of its multi-level cells, in the same steps
 */
public record BlkLifetime(Reserve reserve, int wornA, int wornB) {

    /** What a device answers, in bytes. */
    static final int BYTES = 6;

    private static final int MOST_WORN = 11;

    /** Spare blocks that are used up. */
    public enum Reserve {
        /** The device does not know. */
        UNKNOWN,
        /** Less than 80 %. */
        NORMAL,
        /** 80 % or more. */
        WARNING,
        /** 90 % or more. */
        URGENT
    }

    /** Values that the specification keeps for later tell nothing yet. */
    static BlkLifetime of(int reserve, int wornA, int wornB) {
        Reserve[] known = Reserve.values();
        return new BlkLifetime(
                reserve < known.length ? known[reserve] : Reserve.UNKNOWN,
                wornA <= MOST_WORN ? wornA : 0,
                wornB <= MOST_WORN ? wornB : 0);
    }
}
