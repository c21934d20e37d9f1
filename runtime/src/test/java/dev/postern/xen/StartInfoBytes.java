package dev.postern.xen;

import dev.postern.machine.RamRegion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes {@code struct start_info} by Xen's header, apart from the reader. */
public final class StartInfoBytes {

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final RamRegion ram;
    private final MemorySegment info;
    private final MemorySegment list;

    /** A structure at the region's beginning, behind it a list in which page n lies at machine frame 0x1000 + 2n. */
    public StartInfoBytes(RamRegion ram) {
        this.ram = ram;
        info = ram.segment();
        magic("xen-3.0-x86_64");
        long pages = ram.endPa() / 4096;
        pages(pages);
        long listAt = 4096;
        frameListPa(ram.basePa() + listAt);
        list = ram.segment().asSlice(listAt);
        for (long page = 0; page < pages; page++) {
            frame(page, 0x1000 + 2 * page);
        }
    }

    /** Replaces the magic. */
    public StartInfoBytes magic(String magic) {
        info.asSlice(0, 32).fill((byte) 0);
        MemorySegment.copy(
                magic.getBytes(StandardCharsets.ISO_8859_1), 0, info, ValueLayout.JAVA_BYTE, 0, magic.length());
        return this;
    }

    /** Replaces {@code nr_pages}. */
    public StartInfoBytes pages(long pages) {
        info.set(LONG, 32, pages);
        return this;
    }

    /** Replaces {@code flags}. */
    public StartInfoBytes flags(int flags) {
        info.set(INT, 48, flags);
        return this;
    }

    /** Replaces {@code mfn_list}. */
    public StartInfoBytes frameListPa(long pa) {
        info.set(LONG, 104, pa);
        return this;
    }

    /** Replaces a frame in the list. */
    public StartInfoBytes frame(long page, long frame) {
        list.set(LONG, page * 8, frame);
        return this;
    }

    /** Where the structure lies. */
    public long pa() {
        return ram.basePa();
    }
}
