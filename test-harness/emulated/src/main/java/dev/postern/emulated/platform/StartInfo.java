package dev.postern.emulated.platform;

import dev.postern.machine.RamRegion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * What the domain builder leaves in a paravirtualised guest's RAM (Xen public/xen.h, struct start_info): the structure at
 * {@link #PA}, and the list of machine frame numbers, eight bytes for each frame from 0 on. The list lies behind the structure when it ends
 * below 640 KiB, else in the last pages of RAM; {@code first_p2m_pfn} and {@code nr_p2m_frames} say which pages it takes. There is no
 * shared information page, store, console, page table or module: those fields are 0.
 */
final class StartInfo {

    /** Guest-physical address of the structure, which has its page to itself. */
    static final long PA = 0x1_0000;

    static final int PRIVILEGED = 1;
    static final int INITIAL_DOMAIN = 1 << 1;

    private static final long PAGE = 4096;
    private static final long END_OF_BASE_MEMORY = 0xa_0000;
    private static final String MAGIC = "xen-3.0-x86_64";

    private static final int NR_PAGES = 32;
    private static final int FLAGS = 48;
    private static final int MFN_LIST = 104;
    private static final int FIRST_P2M_PFN = 1152;
    private static final int NR_P2M_FRAMES = 1160;

    private static final ValueLayout.OfInt LE32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LE64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private StartInfo() {}

    /** Writes both into RAM that begins at address 0. */
    static void write(RamRegion ram, FrameNumbers numbers, int flags) {
        long pages = ram.size() / PAGE;
        long listPages = (8 * pages + PAGE - 1) / PAGE;
        long behind = PA + PAGE;
        long list = behind + listPages * PAGE <= END_OF_BASE_MEMORY ? behind : ram.endPa() - listPages * PAGE;
        MemorySegment info = ram.segment().asSlice(PA, PAGE).fill((byte) 0);
        info.asSlice(0, MAGIC.length()).copyFrom(MemorySegment.ofArray(MAGIC.getBytes(StandardCharsets.US_ASCII)));
        info.set(LE64, NR_PAGES, pages);
        info.set(LE32, FLAGS, flags);
        info.set(LE64, MFN_LIST, list);
        info.set(LE64, FIRST_P2M_PFN, list / PAGE);
        info.set(LE64, NR_P2M_FRAMES, listPages);
        for (long frame = 0; frame < pages; frame++) {
            ram.segment().set(LE64, list + 8 * frame, numbers.number(frame));
        }
    }
}
