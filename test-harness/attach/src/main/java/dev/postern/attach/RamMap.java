package dev.postern.attach;

import dev.postern.machine.RamRegion;
import dev.postern.os.MemoryFile;
import java.util.List;

/** Where RAM that other processes have lies in the guest's physical address space, and where RAM that they do not have. */
sealed interface RamMap permits RamLayout, FlatRam {

    /** Size of the file behind the RAM that others have. */
    long bytes();

    /** The address of the file's first byte. */
    long basePa();

    /** Where private RAM begins on a secure platform. */
    long privatePa();

    /** The regions of RAM that others have, over the file behind them, ascending. */
    List<RamRegion> regions(MemoryFile file);

    /** The address of a byte of the file. */
    long paOf(long offset);

    /** Whether any byte of the range is RAM as {@link #regions} shows it. */
    boolean touches(long pa, int length);
}
