package dev.postern.xen;

import dev.postern.machine.RamRegion;
import dev.postern.memory.NotRamException;
import dev.postern.memory.PhysicalMemory;
import dev.postern.platform.XenStartInfo;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The list that Xen hands over at the start, copied once: nobody can change it afterwards. */
final class FrameList implements MachineFrames {

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    /** An address of x86-64 has 52 bits at most. */
    private static final long MOST_FRAMES = 1L << 52 - 12;
    /** In place of a frame number: the page is no RAM of the guest, whatever the list says of it. */
    private static final long NOT_RAM = -1;

    private final long[] frames;
    private final PhysicalMemory memory;

    private FrameList(long[] frames, PhysicalMemory memory) {
        this.frames = frames;
        this.memory = memory;
    }

    /**
     * Copies the list and checks it.
     *
     * @throws XenException when a page of RAM has no frame that can be, or two have the same
     */
    static FrameList read(XenStartInfo info, PhysicalMemory memory) {
        long pages = memory.regions().getLast().endPa() / PAGE_BYTES;
        if (pages != (int) pages) {
            throw new XenException(
                    "Xen's list has %d machine frames for RAM, more than can be kept: give the domain less memory"
                            .formatted(pages));
        }
        long[] listed = new long[(int) pages];
        MemorySegment list = memory.slice(info.frameListPa(), pages * Long.BYTES);
        MemorySegment.copy(list, LONG, 0, listed, 0, listed.length);
        long[] frames = new long[listed.length];
        Arrays.fill(frames, NOT_RAM);
        for (RamRegion region : memory.regions()) {
            for (int page = (int) (region.basePa() / PAGE_BYTES); page < region.endPa() / PAGE_BYTES; page++) {
                frames[page] = possible(page, listed[page]);
            }
        }
        refuseTwice(frames);
        return new FrameList(frames, memory);
    }

    @Override
    public long machineAddress(long pa) {
        long page = pa >>> Long.numberOfTrailingZeros(PAGE_BYTES);
        if (page >= frames.length || frames[(int) page] == NOT_RAM) {
            throw new NotRamException("0x%x is no RAM, so it has no machine address; RAM is %s".formatted(pa, memory));
        }
        return frames[(int) page] * PAGE_BYTES | pa & PAGE_BYTES - 1;
    }

    private static long possible(int page, long frame) {
        if (frame < 0 || frame >= MOST_FRAMES) {
            throw new XenException(
                    "Xen's list says that page 0x%x of RAM lies in machine frame 0x%x, and none is above 0x%x: have the machine list real frames"
                            .formatted(page, frame, MOST_FRAMES - 1));
        }
        return frame;
    }

    /** Devices that write to one page would write to the other. */
    private static void refuseTwice(long[] frames) {
        long[] sorted = frames.clone();
        Arrays.sort(sorted);
        for (int i = 1; i < sorted.length; i++) {
            if (sorted[i] == sorted[i - 1] && sorted[i] != NOT_RAM) {
                throw new XenException(
                        "Xen's list says that two pages of RAM lie in machine frame 0x%x: have the machine list each frame once"
                                .formatted(sorted[i]));
            }
        }
    }
}
