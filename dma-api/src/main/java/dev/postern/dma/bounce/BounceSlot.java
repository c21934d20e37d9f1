package dev.postern.dma.bounce;

import dev.postern.dma.DmaDirection;
import java.lang.foreign.MemorySegment;

/**
 * A place in a pool, and the mapping that it stands in for now. All of this is private memory of the guest: in the pool itself lie
 * the bytes of the mapping and nothing else (CVE-2024-57843).
 *
 * <p><b>Ownership:</b> from {@link PoolShare#take} to {@link PoolShare#giveBack} it belongs to one mapping. <b>Threads:</b> that of
 * the mapping.
 */
public final class BounceSlot {

    /** The low bits of an index: which slot of its span it is; no span has more than 64. The rest is the page of the span. */
    static final int ORDINAL_BITS = 6;

    private final PoolShare share;
    private final SlotSpan span;
    private final int index;
    private final int size;
    private final MemorySegment memory;
    private final long memoryOffset;
    private final long pa;
    private final long dva;
    /** Odd while mapped. A token carries it, so that an old token is told from a new one. */
    private int generation;
    /** The slot below this one on its shelf, as index plus one; 0 for none. */
    int below;

    private int shelf;
    private int lowBits;
    private DmaDirection direction;
    private int length;
    private long bufferPa;
    private long bytesBounced;
    private boolean quarantined;

    /**
     * A slot that is not mapped.
     *
     * @param index where the pool finds it
     * @param shelf where the share keeps it while it is free
     * @param size in bytes
     * @param memory of the piece that it lies in
     * @param memoryOffset of its first byte there
     * @param pa its first guest-physical address
     * @param dva its first address for the device
     * @param generation an even number to count from
     */
    BounceSlot(
            PoolShare share,
            SlotSpan span,
            int index,
            int shelf,
            int size,
            MemorySegment memory,
            long memoryOffset,
            long pa,
            long dva,
            int generation) {
        this.share = share;
        this.span = span;
        this.index = index;
        this.shelf = shelf;
        this.size = size;
        this.memory = memory;
        this.memoryOffset = memoryOffset;
        this.pa = pa;
        this.dva = dva;
        this.generation = generation;
    }

    /**
     * Begins a mapping.
     *
     * @param bufferPa of the buffer that it stands in for
     * @param length bytes, at least 1
     * @param direction who writes
     * @param lowBits bytes at the start of the slot that are left out, so that the address keeps the low bits of the buffer's
     * @return the token; never 0
     */
    public long begin(long bufferPa, int length, DmaDirection direction, int lowBits) {
        this.bufferPa = bufferPa;
        this.length = length;
        this.direction = direction;
        this.lowBits = lowBits;
        generation++;
        return (long) generation << 32 | index;
    }

    /** Ends the mapping: its token is void from now on. */
    public void end() {
        generation++;
    }

    /** Ends the mapping and keeps the slot from everybody for ever. */
    void quarantine() {
        generation++;
        quarantined = true;
    }

    /** Counts copied bytes. */
    public void bounced(long bytes) {
        bytesBounced += bytes;
    }

    /** Guest-physical address of the buffer. */
    public long bufferPa() {
        return bufferPa;
    }

    /** Length of the mapping in bytes. */
    public int length() {
        return length;
    }

    /** Who writes. */
    public DmaDirection direction() {
        return direction;
    }

    /** The segment that the slot lies in. */
    public MemorySegment memory() {
        return memory;
    }

    /** Where the mapping begins in {@link #memory()}. */
    public long memoryOffset() {
        return memoryOffset + lowBits;
    }

    /** The guest-physical address of the mapping's bytes in the pool. */
    public long memoryPa() {
        return pa + lowBits;
    }

    /** The address of the slot for the device, before low bits. */
    public long slotAddress() {
        return dva;
    }

    /** The address of the mapping for the device. */
    public long deviceAddress() {
        return dva + lowBits;
    }

    /** Whether a token is the one of the present mapping. */
    boolean carries(long token) {
        return (int) (token >>> 32) == generation && isMapped();
    }

    boolean isMapped() {
        return (generation & 1) != 0;
    }

    /** Whether a device may be using it. */
    boolean isInUse() {
        return isMapped() || quarantined;
    }

    /** How many mappings it began, given what it counted from. */
    long mappingsSince(int firstGeneration) {
        return Integer.toUnsignedLong(generation - firstGeneration + 1) / 2;
    }

    long bytesBounced() {
        return bytesBounced;
    }

    PoolShare share() {
        return share;
    }

    SlotSpan span() {
        return span;
    }

    int index() {
        return index;
    }

    int shelf() {
        return shelf;
    }

    /** Where it goes when it is given back; for who has it. */
    void moveTo(int otherShelf) {
        shelf = otherShelf;
    }

    int size() {
        return size;
    }
}
