package dev.postern.lab.backend;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** The memory that the front-end has given, and the two kinds of addresses in it (vhost-user, Memory access). Used by one thread. */
final class MemoryTable {

    private final List<TableRegion> regions = new ArrayList<>();

    List<TableRegion> regions() {
        return regions;
    }

    void add(TableRegion region) {
        regions.add(region);
    }

    /** Takes a region out and unmaps it. */
    void remove(TableRegion region) {
        regions.remove(region);
        region.unmap().run();
    }

    /** Unmaps everything. */
    void clear() {
        regions.forEach(region -> region.unmap().run());
        regions.clear();
    }

    /**
     * The bytes at a guest address; they may lie in several regions, one behind the other.
     *
     * @throws PanicException when a byte of them is in no region
     */
    List<MemorySegment> guest(String what, long address, long length) throws PanicException {
        List<MemorySegment> pieces = new ArrayList<>(1);
        long at = address;
        long left = length;
        while (left > 0) {
            MemorySegment piece = piece(at, left);
            if (piece == null || at != address && at == 0) {
                throw new PanicException(
                        "%s at 0x%x, %d bytes: not in the memory table %s".formatted(what, address, length, regions));
            }
            pieces.add(piece);
            at += piece.byteSize();
            left -= piece.byteSize();
        }
        return pieces;
    }

    private MemorySegment piece(long address, long wanted) {
        for (TableRegion region : regions) {
            long there = region.reach(region.guest(), address, wanted);
            if (there > 0) {
                return region.bytes().asSlice(address - region.guest(), there);
            }
        }
        return null;
    }

    /**
     * The bytes at a user address, in one region.
     *
     * @throws PanicException when they are not
     */
    MemorySegment user(String what, long address, long length) throws PanicException {
        for (TableRegion region : regions) {
            if (region.reach(region.user(), address, length) == length) {
                return region.bytes().asSlice(address - region.user(), length);
            }
        }
        throw new PanicException("%s at user address 0x%x, %d bytes: not in the memory table %s"
                .formatted(what, address, length, regions));
    }
}
