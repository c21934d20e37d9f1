package dev.postern.dma.bounce;

import dev.postern.memory.PhysRange;

/** A block of a pool that one share has, cut into slots of one class. The caller holds the lock of the pool. */
final class SlotSpan {

    private final PoolPiece piece;
    private final long pa;
    private final long bytes;
    private final long dva;
    private final int firstGeneration;
    private final BounceSlot[] slots;
    /** How many of its slots were found free in the present search. */
    int found;

    /**
     * Cuts a block.
     *
     * @param pa its first address in the piece
     * @param bytes its length
     * @param dva its first address for the device
     * @param firstGeneration an even number that its slots count from
     */
    SlotSpan(
            PoolPiece piece,
            long pa,
            long bytes,
            long dva,
            PoolShare share,
            int shelf,
            int slotBytes,
            int firstGeneration) {
        this.piece = piece;
        this.pa = pa;
        this.bytes = bytes;
        this.dva = dva;
        this.firstGeneration = firstGeneration;
        slots = new BounceSlot[(int) (bytes / slotBytes)];
        for (int i = 0; i < slots.length; i++) {
            long at = (long) i * slotBytes;
            slots[i] = new BounceSlot(
                    share,
                    this,
                    piece.pageAt(pa) << BounceSlot.ORDINAL_BITS | i,
                    shelf,
                    slotBytes,
                    piece.memory(),
                    pa - piece.range().basePa() + at,
                    pa + at,
                    dva + at,
                    firstGeneration);
        }
    }

    PoolPiece piece() {
        return piece;
    }

    PhysRange range() {
        return new PhysRange(pa, bytes);
    }

    /** Its first address for the device. */
    long deviceAddress() {
        return dva;
    }

    /** Whose it is. */
    PoolShare share() {
        return slots[0].share();
    }

    BounceSlot[] slots() {
        return slots;
    }

    long mappings() {
        long sum = 0;
        for (BounceSlot slot : slots) {
            sum += slot.mappingsSince(firstGeneration);
        }
        return sum;
    }

    long bytesBounced() {
        long sum = 0;
        for (BounceSlot slot : slots) {
            sum += slot.bytesBounced();
        }
        return sum;
    }

    /** How many of its slots are mapped. */
    int mapped() {
        int count = 0;
        for (BounceSlot slot : slots) {
            count += slot.isMapped() ? 1 : 0;
        }
        return count;
    }

    /** The slots that a device may be using, in bytes. */
    long bytesInUse() {
        long sum = 0;
        for (BounceSlot slot : slots) {
            sum += slot.isInUse() ? slot.size() : 0;
        }
        return sum;
    }
}
