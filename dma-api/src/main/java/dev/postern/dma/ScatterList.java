package dev.postern.dma;

/**
 * Ranges of RAM that form one transfer, with room for their mappings. It is filled, mapped, read, unmapped and cleared
 * again and again, so that a request allocates nothing. Not safe for use by two threads.
 */
public final class ScatterList {

    private final long[] pas;
    private final long[] lengths;
    private final long[] tokens;
    private final long[] dvas;
    private int size;
    private long totalLength;

    /**
     * An empty list.
     *
     * @param capacity the most ranges it will hold, at least 1
     */
    public ScatterList(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity is %d: give at least 1".formatted(capacity));
        }
        pas = new long[capacity];
        lengths = new long[capacity];
        tokens = new long[capacity];
        dvas = new long[capacity];
    }

    /** Forgets all ranges. They must not be mapped. */
    public void clear() {
        size = 0;
        totalLength = 0;
    }

    /**
     * Adds a range at the end.
     *
     * @param pa guest-physical address
     * @param length bytes, at least 1
     */
    public void add(long pa, long length) {
        if (size == pas.length) {
            throw new IllegalStateException("scatter list is full at %d ranges".formatted(size));
        }
        if (length < 1) {
            throw new IllegalArgumentException("length is %d: give at least 1".formatted(length));
        }
        pas[size] = pa;
        lengths[size] = length;
        size++;
        totalLength += length;
    }

    /** How many ranges there are. */
    public int size() {
        return size;
    }

    /** The most ranges it can hold. */
    public int capacity() {
        return pas.length;
    }

    /** The sum of all lengths in bytes. */
    public long totalLength() {
        return totalLength;
    }

    /** Guest-physical address of range {@code i}. */
    public long pa(int i) {
        return pas[i];
    }

    /** Length of range {@code i} in bytes. */
    public long length(int i) {
        return lengths[i];
    }

    /** Token of the mapping of range {@code i}; meaningful while mapped. */
    public long token(int i) {
        return tokens[i];
    }

    /** Device address of range {@code i}; meaningful while mapped. */
    public long deviceAddress(int i) {
        return dvas[i];
    }

    /** Records the mapping of a range; called by the context alone. */
    void mapped(int i, long token, long deviceAddress) {
        tokens[i] = token;
        dvas[i] = deviceAddress;
    }
}
