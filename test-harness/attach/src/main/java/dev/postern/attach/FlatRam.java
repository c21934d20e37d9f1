package dev.postern.attach;

import dev.postern.machine.RamRegion;
import dev.postern.os.MemoryFile;
import java.util.List;
import java.util.Optional;

/**
 * RAM of a machine that has neither firmware nor a PC's holes: one region over one file.
 *
 * <p>It lies above 4 GiB, so that no address of it can be taken for an IOVA of 32 bits, and private RAM far above, so that neither can
 * be taken for the other.
 *
 * @param bytes its size; whole MiB, 2 MiB to 1 TiB
 */
record FlatRam(long bytes) implements RamMap {

    /** Where it begins: 5 GiB. A multiple of all sizes of pages. */
    static final long BASE_PA = 5L << 30;

    /** 2 TiB: beyond the largest RAM. */
    static final long PRIVATE_PA = 2L << 40;

    /** Checks the size. */
    FlatRam {
        RamLayout.checkSize(bytes);
    }

    @Override
    public long basePa() {
        return BASE_PA;
    }

    @Override
    public long privatePa() {
        return PRIVATE_PA;
    }

    /** {@inheritDoc} What is behind it is said, so that it can be passed on. */
    @Override
    public List<RamRegion> regions(MemoryFile file) {
        RamRegion.Backing backing = new RamRegion.Backing(file.descriptor(), 0, file.pageBytes());
        return List.of(new RamRegion(BASE_PA, file.segment(), Optional.of(backing)));
    }

    @Override
    public long paOf(long offset) {
        return BASE_PA + offset;
    }

    @Override
    public boolean touches(long pa, int length) {
        return pa + length > BASE_PA && pa < BASE_PA + bytes;
    }
}
