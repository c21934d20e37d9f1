package dev.postern.dma.bounce;

/**
 * The sizes that slots come in. They fit the requests of guests: more than half of all mappings are at most 2 KiB long and nine
 * tenths at most 4 KiB, and headers and status bytes fit a cache line. From a page up, each size doubles the one before.
 */
final class SizeClass {

    /** How many there are. */
    static final int COUNT = 12;

    /** The smallest slot in bytes: a cache line. */
    static final int SMALLEST = 64;

    /** The largest slot in bytes. */
    static final int LARGEST = 1 << 20;

    private static final int PAGE_SHIFT = 12;
    private static final int PAGE_CLASS = 3;

    private SizeClass() {}

    /** The smallest class whose slots hold so many bytes, of 1 to {@link #LARGEST}. */
    static int of(long bytes) {
        if (bytes <= 1 << PAGE_SHIFT) {
            return bytes <= SMALLEST ? 0 : bytes <= 512 ? 1 : bytes <= 2048 ? 2 : PAGE_CLASS;
        }
        return PAGE_CLASS + Long.SIZE - Long.numberOfLeadingZeros(bytes - 1) - PAGE_SHIFT;
    }

    /** The size of the slots of a class in bytes, a power of two. */
    static int bytes(int sizeClass) {
        return switch (sizeClass) {
            case 0 -> SMALLEST;
            case 1 -> 512;
            case 2 -> 2048;
            default -> 1 << (PAGE_SHIFT + sizeClass - PAGE_CLASS);
        };
    }
}
