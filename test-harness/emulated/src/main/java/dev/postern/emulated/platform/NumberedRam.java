package dev.postern.emulated.platform;

import dev.postern.emulated.board.GuestMemory;
import dev.postern.emulated.dma.DmaIntent;
import dev.postern.emulated.dma.DmaView;
import dev.postern.emulated.dma.Requester;
import java.lang.foreign.MemorySegment;

/**
 * What a device under Xen sees that is given no grants: the guest's memory by Xen's numbers of its pages, which are machine frame numbers
 * for a paravirtualised guest. Xen's own pages and places without memory are refused. A message for an interrupt may also go to a
 * guest-physical address: it is Xen that delivers it.
 */
final class NumberedRam implements DmaView {

    private static final int PAGE = 4096;

    private final GuestMemory memory;
    private final FrameNumbers numbers;
    private final GrantFrames table;
    private final PlatformErrors errors;

    NumberedRam(GuestMemory memory, FrameNumbers numbers, GrantFrames table, PlatformErrors errors) {
        this.memory = memory;
        this.numbers = numbers;
        this.table = table;
        this.errors = errors;
    }

    private boolean isRam(long pa) {
        return memory.regionOf(pa, 1) != null;
    }

    private long frame(long dva, DmaIntent intent) {
        long frame = numbers.frame(dva >>> 12);
        return frame == FrameNumbers.NONE && intent == DmaIntent.MESSAGE && isRam(dva) ? dva >>> 12 : frame;
    }

    @Override
    public MemorySegment piece(Requester by, long dva, long length, DmaIntent intent) {
        long reach = reach(by, dva, length, intent);
        if (reach == 0) {
            explain(by, dva, intent);
            return null;
        }
        return table.page(frame(dva, intent)).asSlice(dva & PAGE - 1, reach);
    }

    private void explain(Requester by, long dva, DmaIntent intent) {
        if (numbers.frame(dva >>> 12) != FrameNumbers.NONE) {
            errors.note("not-ours", "%s: DMA %s at 0x%x, a page that was given to Xen".formatted(by, intent, dva));
        } else if (isRam(dva)) {
            errors.note(
                    "machine-address",
                    "%s: DMA %s at 0x%x, which only the guest calls physical: give the device the machine address"
                            .formatted(by, intent, dva));
        }
    }

    @Override
    public long reach(Requester by, long dva, long length, DmaIntent intent) {
        long frame = frame(dva, intent);
        return frame == FrameNumbers.NONE || !table.isOrdinary(frame) ? 0 : Math.min(length, PAGE - (dva & PAGE - 1));
    }

    @Override
    public long pa(Requester by, long dva) {
        long frame = frame(dva, DmaIntent.MESSAGE);
        return frame == FrameNumbers.NONE ? NOWHERE : frame * PAGE + (dva & PAGE - 1);
    }
}
