package dev.postern.emulated.platform;

import java.util.Arrays;

/** The operands of an instruction as it sees them. */
final class Operands {

    private Operands() {}

    /** Exactly {@code count} operands, in a copy; missing ones are 0. */
    static long[] of(long[] given, int count) {
        if (given.length > count) {
            throw new IllegalArgumentException(
                    given.length + " operands for an instruction of " + count + ": leave out the last ones");
        }
        return Arrays.copyOf(given, count);
    }

    /** Checks what every caller of mapPages promises. */
    static void checkPages(long basePa, long length) {
        if ((basePa & 0xfff) != 0 || (length & 0xfff) != 0 || basePa < 0 || length < 0 || basePa + length < 0) {
            throw new IllegalArgumentException(
                    "page tables of 0x%x, %d bytes: give whole pages of 4096 bytes".formatted(basePa, length));
        }
    }
}
