package dev.postern.lab.backend;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Optional;

/** The device side of a virtqueue in mapped memory. Used by one thread. */
abstract sealed class DeviceRing permits SplitDeviceRing, PackedDeviceRing {

    static final int NEXT = 1;
    static final int WRITE = 2;
    static final int INDIRECT = 4;
    static final int DESCRIPTOR = 16;

    private static final VarHandle SHORT = ValueLayout.JAVA_SHORT.varHandle();
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    private final MemoryTable table;
    private final long features;
    final int size;

    DeviceRing(MemoryTable table, long features, int size) {
        this.table = table;
        this.features = features;
        this.size = size;
    }

    /** The next request that is available, if any. */
    abstract Optional<Chain> take() throws PanicException;

    /** Gives a request back: what was written before is seen with it. */
    abstract void use(int id, int slots, long length);

    /** Moves on as though so many more had been given back. */
    abstract void jump(int by);

    /** Whether the driver wants a call for what was used since it was last asked. */
    abstract boolean callWanted();

    /** Asks for a kick at the next request. True when one has come meanwhile. */
    abstract boolean rest();

    /** Where it stands, as a front-end is told. */
    abstract int base();

    final boolean negotiated(DeviceFeature feature) {
        return feature.in(features);
    }

    /** Adds what one descriptor names. */
    final void add(Chain chain, long address, long length, int flags) throws PanicException {
        if (length == 0) {
            throw new PanicException("a descriptor of request %d has no length".formatted(chain.id()));
        }
        List<MemorySegment> pieces = table.guest("a buffer of request " + chain.id(), address, length);
        if ((flags & WRITE) != 0) {
            chain.addWritable(pieces);
        } else if (chain.hasWritable()) {
            throw new PanicException(
                    "a readable descriptor of request %d follows a writable one".formatted(chain.id()));
        } else {
            chain.addReadable(pieces);
        }
    }

    /** The table that an indirect descriptor names. */
    final MemorySegment indirectTable(int id, long address, long length) throws PanicException {
        if (!negotiated(DeviceFeature.INDIRECT_DESC)) {
            throw new PanicException("request %d is indirect, which was not negotiated".formatted(id));
        }
        if (length == 0 || length % DESCRIPTOR != 0) {
            throw new PanicException("the table of request %d has %d bytes".formatted(id, length));
        }
        List<MemorySegment> pieces = table.guest("the table of request " + id, address, length);
        if (pieces.size() == 1) {
            return pieces.getFirst();
        }
        MemorySegment whole = MemorySegment.ofArray(new long[Math.toIntExact(length / 8)]);
        long at = 0;
        for (MemorySegment piece : pieces) {
            MemorySegment.copy(piece, 0, whole, at, piece.byteSize());
            at += piece.byteSize();
        }
        return whole;
    }

    static int loadShort(MemorySegment memory, long offset) {
        return (short) SHORT.getAcquire(memory, offset) & 0xffff;
    }

    static void storeShort(MemorySegment memory, long offset, int value) {
        SHORT.setRelease(memory, offset, (short) value);
    }

    static void storeLong(MemorySegment memory, long offset, long value) {
        LONG.setRelease(memory, offset, value);
    }
}
