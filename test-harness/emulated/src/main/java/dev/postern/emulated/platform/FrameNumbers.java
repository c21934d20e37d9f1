package dev.postern.emulated.platform;

/**
 * How Xen numbers a guest's pages towards devices and in grants (Xen public/xen.h and public/grant_table.h). A page is 4096 bytes; a
 * guest-physical frame number is its guest-physical address divided by that.
 */
sealed interface FrameNumbers permits GuestFrames, ScatteredFrames {

    /** What {@link #frame} answers for a number that is none of the guest's. */
    long NONE = -1;

    /** The number of a guest-physical frame that is RAM. */
    long number(long frame);

    /** The guest-physical frame of a number, or {@link #NONE}. */
    long frame(long number);

    /** The number of a frame of the grant table that lies nowhere in RAM, or {@link #NONE} where such a frame has no number. */
    long tableNumber(int index);
}
