package dev.postern.emulated.platform;

import dev.postern.emulated.board.GuestMemory;

/** A translated guest: guest-physical numbers are the only ones that anybody uses. */
record GuestFrames(GuestMemory memory) implements FrameNumbers {

    private static final long PAGE = 4096;

    @Override
    public long number(long frame) {
        return frame;
    }

    @Override
    public long frame(long number) {
        // A number with more bits than an address has would wrap when it is made one.
        return number >= 0 && number <= Long.MAX_VALUE / PAGE && memory.regionOf(number * PAGE, PAGE) != null
                ? number
                : NONE;
    }

    @Override
    public long tableNumber(int index) {
        return NONE;
    }
}
